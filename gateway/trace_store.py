"""The last requests' spans in memory, for the console."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, format_span_id, format_trace_id
from opentelemetry.util.types import AttributeValue

from gateway.trace_views import EventView, SpanView, TraceView

SPANS_PER_TRACE: Final = 256
SPAN_BYTES: Final = 1024  # a span with eight attributes takes 0.9 KiB


class EndedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a span, redacted; times are in nanoseconds since 1970.

    `follows` says that the parent is another process's. Events are name, attributes and time.
    """

    trace_id: int
    span_id: int
    parent_id: int | None = None
    follows: bool = False
    name: str
    kind: SpanKind
    start_ns: int
    end_ns: int
    status: StatusCode = StatusCode.UNSET
    attributes: Mapping[str, AttributeValue]
    events: tuple[tuple[str, Mapping[str, AttributeValue], int], ...] = ()
    links: tuple[SpanContext, ...] = ()


class _Kept:
    __slots__ = ("dropped", "spans")

    def __init__(self) -> None:
        self.spans: list[EndedSpan] = []
        self.dropped = 0


class TraceStore:
    """The spans of the last requests, bounded by traces, spans per trace and bytes; safe between threads."""

    def __init__(self, *, keep_traces: int, keep_bytes: int) -> None:
        self._most_traces = keep_traces
        self._most_spans = keep_bytes // SPAN_BYTES
        self._spans = 0
        self._traces: OrderedDict[int, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, span: EndedSpan) -> None:
        """Keep a span; the oldest traces make room for it."""
        with self._lock:
            kept = self._traces.get(span.trace_id)
            if kept is None:
                kept = self._traces[span.trace_id] = _Kept()
            kept.spans.append(span)
            self._spans += 1
            if len(kept.spans) > SPANS_PER_TRACE:
                del kept.spans[0]  # the last to end are the outermost: they hold the picture together
                kept.dropped += 1
                self._spans -= 1
            while len(self._traces) > self._most_traces or self._spans > self._most_spans:
                self._spans -= len(self._traces.popitem(last=False)[1].spans)

    def recent(self) -> list[TraceView]:
        """Every kept trace, the latest first."""
        with self._lock:
            kept = [(tuple(each.spans), each.dropped) for each in reversed(self._traces.values())]
        return [_trace_view(spans, dropped) for spans, dropped in kept]

    def get(self, trace_id: str) -> TraceView | None:
        """One trace by its 32 hexadecimal digits, or None when it is unknown or gone."""
        if not re.fullmatch("[0-9a-f]{32}", trace_id):
            return None
        with self._lock:
            kept = self._traces.get(int(trace_id, 16))
            found = (tuple(kept.spans), kept.dropped) if kept else None
        return _trace_view(*found) if found else None


def _trace_view(spans: Sequence[EndedSpan], dropped: int) -> TraceView:
    ordered = sorted(spans, key=lambda span: span.start_ns)
    return TraceView(format_trace_id(ordered[0].trace_id), tuple(map(_span_view, ordered)), dropped)


def _span_view(span: EndedSpan) -> SpanView:
    return SpanView(
        span_id=format_span_id(span.span_id),
        parent_id=None if span.parent_id is None else format_span_id(span.parent_id),
        name=span.name,
        kind=span.kind.name.lower(),
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        status=span.status.name.lower(),
        attributes=dict(span.attributes),
        events=tuple(EventView(name, at, dict(noted)) for name, noted, at in span.events),
        links=tuple(format_trace_id(context.trace_id) for context in span.links),
    )
