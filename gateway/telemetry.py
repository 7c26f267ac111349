"""Traces without personal data: the only door to OpenTelemetry's SDK.

A span passes `redact` once, when it ends, and only what `span_attributes` names goes on: to the
in-memory `TraceStore` that the console reads, and to an OTLP receiver where one is configured. The
process-wide tracer provider is left alone; whoever wants a span is handed `Telemetry.tracer`.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    Tracer,
    format_span_id,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from gateway.span_attributes import allowed, safe_name

SPANS_PER_TRACE: Final = 256
SPAN_BYTES: Final = 1024  # a redacted span with eight attributes takes 0.9 KiB
EXPORT_TIMEOUT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """Where spans go, how many, and how long they stay.

    `otlp_endpoint` is a collector's base URL as in OTEL_EXPORTER_OTLP_ENDPOINT, or the full URL of its
    traces endpoint. `sample_ratio` is the share of requests, 0 to 1, that get spans. `keep_traces` and
    `keep_bytes` (an estimate) bound the memory of the in-memory store; 0 traces switch it off.
    """

    service_name: str = "citygate"
    otlp_endpoint: str | None = None
    otlp_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sample_ratio: float = 1.0
    keep_traces: int = 200
    keep_bytes: int = 8 * 1024 * 1024
    accept_remote_parent: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.sample_ratio <= 1:
            raise ValueError(f"sample_ratio is {self.sample_ratio}, must be from 0 to 1")
        if self.keep_traces < 0 or self.keep_bytes < 0:
            raise ValueError(f"keep_traces {self.keep_traces}, keep_bytes {self.keep_bytes}: must not be negative")


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened inside a span, without its message."""

    name: str
    time_ns: int
    attributes: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class SpanView:
    """One ended span as plain data: ids in hexadecimal, times in nanoseconds since 1970."""

    span_id: str
    parent_id: str | None
    name: str
    kind: str  # server, client, internal, producer or consumer
    start_ns: int
    end_ns: int
    status: str  # unset, ok or error
    attributes: Mapping[str, AttributeValue]
    events: tuple[EventView, ...]
    links: tuple[str, ...]  # trace ids


@dataclass(frozen=True, slots=True)
class TraceView:
    """What is kept of one request: its spans by start time, and how many were too many to keep."""

    trace_id: str
    spans: tuple[SpanView, ...]
    dropped_spans: int


@dataclass(slots=True)
class _Kept:
    spans: list[ReadableSpan] = field(default_factory=list)
    dropped: int = 0


class TraceStore(SpanProcessor):
    """The spans of the last requests, bounded by traces, spans per trace and bytes; safe between threads."""

    def __init__(self, *, keep_traces: int, keep_bytes: int) -> None:
        self._most_traces = keep_traces
        self._most_spans = keep_bytes // SPAN_BYTES
        self._spans = 0
        self._traces: OrderedDict[int, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        """Keep a redacted span; the oldest traces make room for it."""
        with self._lock:
            kept = self._traces.setdefault(_context(span).trace_id, _Kept())
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


class Telemetry:
    """One process's tracer and where its spans end up."""

    def __init__(self, settings: TelemetrySettings) -> None:
        self.traces = TraceStore(keep_traces=settings.keep_traces, keep_bytes=settings.keep_bytes)
        self._accept_remote_parent = settings.accept_remote_parent
        sinks: list[SpanProcessor] = [self.traces] if settings.keep_traces else []
        if settings.otlp_endpoint is not None:
            sinks.append(_otlp(settings.otlp_endpoint, settings.otlp_headers))
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
            resource=Resource({SERVICE_NAME: settings.service_name}),
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_attributes=32, max_events=16, max_links=4, max_attribute_length=256),
        )
        self._provider.add_span_processor(_Redaction(sinks))
        self.tracer: Tracer = self._provider.get_tracer("citygate") if sinks else NoOpTracer()

    def start_request(self, name: str, headers: Mapping[str, str]) -> Span:
        """Start the server span of one HTTP request; the caller makes it current and ends it.

        A caller's `traceparent` is not trusted: the trace is new and links to it, unless the settings
        accept remote parents. `tracestate` and baggage are not read at all: they may carry anything.
        """
        remote = _remote_parent(headers)
        if remote is not None and self._accept_remote_parent:
            parent = set_span_in_context(NonRecordingSpan(remote), Context())
            return self.tracer.start_span(name, context=parent, kind=SpanKind.SERVER)
        links = [Link(remote)] if remote is not None else []
        return self.tracer.start_span(name, context=Context(), kind=SpanKind.SERVER, links=links)

    def flush(self) -> bool:
        """Send what waits for the OTLP receiver; False when it did not take it in time. Blocks."""
        return self._provider.force_flush()

    def close(self) -> None:
        """Flush and stop the background export. Blocks, up to EXPORT_TIMEOUT_SECONDS when the receiver is gone."""
        self._provider.shutdown()


def trace_id(span: Span) -> str | None:
    """A span's trace id as 32 hexadecimal digits, or None when nothing is traced."""
    context = span.get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


class _Redaction(SpanProcessor):
    """Hands each sampled span on to the sinks in its redacted form."""

    def __init__(self, sinks: Sequence[SpanProcessor]) -> None:
        self._sinks = sinks

    def on_end(self, span: ReadableSpan) -> None:
        if not _context(span).trace_flags.sampled:
            return
        redacted = redact(span)
        for sink in self._sinks:
            sink.on_end(redacted)

    def shutdown(self) -> None:
        for sink in self._sinks:
            sink.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return all(sink.force_flush(timeout_millis) for sink in self._sinks)


def redact(span: ReadableSpan) -> ReadableSpan:
    """Rebuild an ended span from what the policy allows; messages and stack traces stay behind."""
    return ReadableSpan(
        name=safe_name(span.name, "span"),
        context=_context(span),
        parent=span.parent,
        resource=span.resource,
        attributes=allowed(span.attributes),
        events=[
            Event(safe_name(event.name, "event"), allowed(event.attributes), event.timestamp) for event in span.events
        ],
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _context(span: ReadableSpan) -> SpanContext:
    context = span.get_span_context()
    assert context is not None, "an ended span has a context"
    return context


def _remote_parent(headers: Mapping[str, str]) -> SpanContext | None:
    traceparent = headers.get("traceparent")
    if traceparent is None:
        return None
    extracted = TraceContextTextMapPropagator().extract({"traceparent": traceparent}, Context())
    remote = get_current_span(extracted).get_span_context()
    return remote if remote.is_valid else None


def _otlp(endpoint: str, headers: Mapping[str, str]) -> SpanProcessor:
    # Imported where it is used: protobuf and its messages are a tenth of the time that a start takes.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    url = endpoint.rstrip("/")
    url = url if url.endswith("/v1/traces") else f"{url}/v1/traces"
    return BatchSpanProcessor(OTLPSpanExporter(url, headers=headers, timeout=EXPORT_TIMEOUT_SECONDS))


def _trace_view(spans: Sequence[ReadableSpan], dropped: int) -> TraceView:
    ordered = sorted(spans, key=lambda span: span.start_time or 0)
    trace_id = format_trace_id(_context(ordered[0]).trace_id)
    return TraceView(trace_id, tuple(_span_view(span) for span in ordered), dropped)


def _span_view(span: ReadableSpan) -> SpanView:
    return SpanView(
        span_id=format_span_id(_context(span).span_id),
        parent_id=format_span_id(span.parent.span_id) if span.parent else None,
        name=span.name,
        kind=span.kind.name.lower(),
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        status=span.status.status_code.name.lower(),
        attributes=dict(span.attributes or {}),
        events=tuple(EventView(event.name, event.timestamp, dict(event.attributes or {})) for event in span.events),
        links=tuple(format_trace_id(link.context.trace_id) for link in span.links),
    )
