"""The span of one call to a department, and its place in the counts."""

from __future__ import annotations

from collections import Counter
from types import TracebackType

from opentelemetry.trace import Span, Status, StatusCode, Tracer

from adapters.contract.errors import AdapterError
from adapters.runtime.bound import Bound

Tally = Counter[tuple[str, str, str]]
"""Calls by department, outcome (`OK`, an error's kind, `INTERNAL`, `CANCELLED`) and where the answer came from."""


class CallSpan:
    """A span with department, protocol, operation and, when the call fails, the error's code; current inside.

    It is counted in `tally`, unless another one of the same call is.
    """

    __slots__ = ("_bound", "_cache", "_inner", "_keys", "_span", "_tally")

    def __init__(self, tracer: Tracer, bound: Bound, keys: int, tally: Tally | None = None) -> None:
        self._bound, self._keys, self._tally = bound, keys, tally
        self._cache = "miss"
        self._inner = tracer.start_as_current_span(
            bound.span_name, record_exception=False, set_status_on_exception=False
        )

    def __enter__(self) -> CallSpan:
        self._span: Span = self._inner.__enter__()
        if self._span.is_recording():
            self._span.set_attributes(
                {
                    "citygate.department": self._bound.department,
                    "citygate.protocol": self._bound.manifest.protocol,
                    "citygate.operation": self._bound.operation.name,
                    "citygate.keys.count": self._keys,
                }
            )
        return self

    def say_cache(self, state: str) -> None:
        """Where the answer comes from."""
        self._cache = state
        if self._span.is_recording():
            self._span.set_attribute("citygate.cache", state)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._tally is not None:
            self._tally[self._bound.department, _outcome(error), self._cache] += 1
        if isinstance(error, AdapterError) and self._span.is_recording():
            self._span.set_attribute("citygate.error.code", self._bound.error_code(error))
            self._span.set_attribute("citygate.error.retryable", error.retryable)
            self._span.set_status(Status(StatusCode.ERROR))
        self._inner.__exit__(kind, error, traceback)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "OK"
    if isinstance(error, AdapterError):
        return error.kind
    return "INTERNAL" if isinstance(error, Exception) else "CANCELLED"
