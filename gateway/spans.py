"""Spans of our own behind OpenTelemetry's API: cheap to make, and next to nothing for a request that is not sampled.

Sampling is decided once per request, before any span of it is made. An unsampled request has one span, which knows
its trace id and which is kept only if the request fails or is slow; inside it no others are made.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from opentelemetry import context as context_api
from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.util.types import Attributes, AttributeValue

MOST_ATTRIBUTES = 32
MOST_EVENTS = 16
_NOW: ContextVar[LeanSpan | None] = ContextVar("citygate_span", default=None)
"""The current span, where `current` has made it that: asked for so often that it stands beside OpenTelemetry's."""
_SAMPLED, _NOT_SAMPLED = TraceFlags(TraceFlags.SAMPLED), TraceFlags(TraceFlags.DEFAULT)


UNSET = Status()


class LeanSpan(Span):
    """A span that notes what happens; `on_end` gets it once. `trace_name` is the trace id in hexadecimal digits."""

    __slots__ = (
        "_context",
        "_on_end",
        "attributes",
        "end_ns",
        "events",
        "kind",
        "links",
        "name",
        "parent",
        "sampled",
        "span_id",
        "start_ns",
        "status",
        "trace_id",
        "trace_name",
    )

    def __init__(
        self,
        name: str,
        parent: LeanSpan | SpanContext | None,
        on_end: Callable[[LeanSpan], None],
        *,
        sampled: bool,
        kind: SpanKind,
        attributes: Attributes = None,
    ) -> None:
        # The module's generator, and none of our own: after a fork it begins anew.
        self.trace_id: int = parent.trace_id if parent is not None else random.getrandbits(128) or 1
        self.span_id = random.getrandbits(64) or 1
        self.trace_name: str = parent.trace_name if isinstance(parent, LeanSpan) else f"{self.trace_id:032x}"
        self.name, self.parent, self.kind, self.sampled = name, parent, kind, sampled
        self.attributes: dict[str, AttributeValue] = dict(attributes) if attributes else {}
        self.events: list[tuple[str, Attributes, int]] = []
        self.links: Sequence[Link] = ()
        self.status = UNSET
        self.start_ns, self.end_ns = time.time_ns(), 0
        self._context: SpanContext | None = None
        self._on_end = on_end

    def end(self, end_time: int | None = None) -> None:
        """Note the end; a second call does nothing."""
        if not self.end_ns:
            self.end_ns = end_time or time.time_ns()
            self._on_end(self)

    def get_span_context(self) -> SpanContext:
        """Trace and span id, always the same object."""
        if self._context is None:
            flags = _SAMPLED if self.sampled else _NOT_SAMPLED
            self._context = SpanContext(self.trace_id, self.span_id, is_remote=False, trace_flags=flags)
        return self._context

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        """Note an attribute."""
        if len(self.attributes) < MOST_ATTRIBUTES:
            self.attributes[key] = value

    def set_attributes(self, attributes: Any) -> None:
        """Note attributes."""
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        """Note an event."""
        if len(self.events) < MOST_EVENTS:
            self.events.append((name, attributes, timestamp or time.time_ns()))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Note another trace that this one belongs to."""
        self.links = [*self.links, Link(context, attributes)]

    def update_name(self, name: str) -> None:
        """Rename the span."""
        self.name = name

    def is_recording(self) -> bool:
        """Whether spans are made inside this one."""
        return self.sampled and not self.end_ns

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Note whether it went well."""
        self.status = status if isinstance(status, Status) else Status(status)

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # OpenTelemetry's signature
    ) -> None:
        """Note an exception's type; its text stays behind."""
        kind = type(exception)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        self.add_event("exception", {"exception.type": f"{module}{kind.__qualname__}"}, timestamp)


class LeanTracer(Tracer):
    """Makes spans inside the current one if that is sampled. One that begins a trace is sampled by `ratio`."""

    def __init__(self, ratio: float, on_end: Callable[[LeanSpan], None]) -> None:
        self.ratio = ratio
        self._on_end = on_end

    def root(
        self, name: str, parent: SpanContext | None, links: Sequence[Link], attributes: Attributes = None
    ) -> LeanSpan:
        """The span of a request. It follows a remote parent's decision, where there is one."""
        sampled = parent.trace_flags.sampled if parent is not None else random.random() < self.ratio  # noqa: S311  # nothing is secret about it
        span = LeanSpan(name, parent, self._on_end, sampled=sampled, kind=SpanKind.SERVER, attributes=attributes)
        span.links = links
        return span

    @staticmethod
    def is_idle() -> bool:
        """Whether no span is made now, as the current one's trace is not sampled."""
        span = _NOW.get()
        return span is not None and not span.sampled

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        """A span inside the one that is current in `context`."""
        outer = _outer(context)
        sampled = _is_sampled(outer) if outer is not None else random.random() < self.ratio  # noqa: S311  # nothing is secret about it
        if outer is not None and not sampled:
            return INVALID_SPAN
        span = LeanSpan(name, outer, self._on_end, sampled=sampled, kind=kind, attributes=attributes)
        span.links = links or ()
        return span

    def start_as_current_span(  # type: ignore[override]  # a lighter context manager
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> _Current | _Nothing:
        """The same as a context manager within which the span is current."""
        if context is None and self.is_idle():
            return _NOTHING
        span = self.start_span(name, context, kind, attributes, links)
        if span is INVALID_SPAN:
            return _NOTHING
        return _Current(span, record=record_exception, blame=set_status_on_exception, end=end_on_exit)


def _outer(context: Context | None) -> LeanSpan | SpanContext | None:
    """The span that is current, whoever has made it that."""
    if context is None and (now := _NOW.get()) is not None:
        return now
    span = get_current_span(context)
    if isinstance(span, LeanSpan):
        return span
    foreign = span.get_span_context()
    return foreign if foreign.is_valid else None


def _is_sampled(span: LeanSpan | SpanContext) -> bool:
    return span.sampled if isinstance(span, LeanSpan) else span.trace_flags.sampled


def trace_ids() -> list[bytes]:
    """A hundred random trace ids as hexadecimal digits."""
    digits = random.randbytes(100 * 16).hex().encode()  # noqa: S311  # nothing is secret about them
    return [digits[at : at + 32] for at in range(0, len(digits), 32)]


def current(span: Span, *, end: bool = True) -> _Current:
    """A context manager within which a span is current; at its end the span ends, with status ERROR if it fails.

    OpenTelemetry's own `use_span` does not tell this module's tracers that the span is unsampled.
    """
    return _Current(span, record=False, blame=True, end=end)


class _Nothing:
    """What an unsampled request gets: whatever was current stays current."""

    def __enter__(self) -> Span:
        return INVALID_SPAN

    def __exit__(self, *_: object) -> None:
        return None


_NOTHING = _Nothing()


class _Current:
    __slots__ = ("_before", "_blame", "_end", "_record", "_span", "_token")

    def __init__(self, span: Span, *, record: bool, blame: bool, end: bool) -> None:
        self._span, self._record, self._blame, self._end = span, record, blame, end

    def __enter__(self) -> Span:
        span = self._span
        self._before = _NOW.set(span if isinstance(span, LeanSpan) else None)
        self._token = context_api.attach(set_span_in_context(span))
        return span

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        context_api.detach(self._token)
        _NOW.reset(self._before)
        if exception is not None and isinstance(exception, Exception):
            if self._record:
                self._span.record_exception(exception)
            if self._blame:
                self._span.set_status(Status(StatusCode.ERROR))
        if self._end:
            self._span.end()
