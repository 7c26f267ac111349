"""The span of one call to a department."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import Span, Status, StatusCode, Tracer

from adapters.contract.errors import AdapterError
from adapters.runtime.bound import Bound


@contextmanager
def call_span(tracer: Tracer, bound: Bound, keys: int) -> Iterator[Span]:
    """A span with department, protocol, operation and, when the call fails, the error's code."""
    attributes: dict[str, str | int] = {
        "citygate.department": bound.department,
        "citygate.protocol": bound.manifest.protocol,
        "citygate.operation": bound.operation.name,
        "citygate.keys.count": keys,
    }
    with tracer.start_as_current_span(
        f"{bound.department} {bound.operation.name}",
        attributes={**attributes},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except AdapterError as exc:
            span.set_attribute("citygate.error.code", bound.error_code(exc))
            span.set_attribute("citygate.error.retryable", exc.retryable)
            span.set_status(Status(StatusCode.ERROR))
            raise
