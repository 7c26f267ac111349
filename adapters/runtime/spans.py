"""The span of one call to a department."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from opentelemetry.trace import Span, Status, StatusCode, Tracer

from adapters.contract.errors import AdapterError
from adapters.runtime.bound import Bound


def call_span(tracer: Tracer, bound: Bound, keys: int) -> AbstractContextManager[Span]:
    """A call's span as a context manager; at once that of a tracer that makes none now, if it says so."""
    inner = tracer.start_as_current_span(bound.span_name, record_exception=False, set_status_on_exception=False)
    return inner if getattr(inner, "makes_no_span", False) else CallSpan(inner, bound, keys)


class CallSpan:
    """A span with department, protocol, operation and, when the call fails, the error's code; current inside."""

    __slots__ = ("_bound", "_inner", "_keys", "_span")

    def __init__(self, inner: AbstractContextManager[Span], bound: Bound, keys: int) -> None:
        self._inner, self._bound, self._keys = inner, bound, keys

    def __enter__(self) -> Span:
        self._span = self._inner.__enter__()
        if self._span.is_recording():
            self._span.set_attributes(
                {
                    "citygate.department": self._bound.department,
                    "citygate.protocol": self._bound.manifest.protocol,
                    "citygate.operation": self._bound.operation.name,
                    "citygate.keys.count": self._keys,
                }
            )
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, AdapterError) and self._span.is_recording():
            self._span.set_attribute("citygate.error.code", self._bound.error_code(error))
            self._span.set_attribute("citygate.error.retryable", error.retryable)
            self._span.set_status(Status(StatusCode.ERROR))
        self._inner.__exit__(kind, error, traceback)
