"""Traces without personal data: the only door to OpenTelemetry's SDK.

A span passes `redact` once, when it ends, and only what `span_attributes` names goes on: to the
in-memory `TraceStore` that the console reads, and to an OTLP receiver where one is configured. The
process-wide tracer provider is left alone; whoever wants a span is handed `Telemetry.tracer`.
"""

import random
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    format_span_id,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from gateway.span_attributes import allowed, safe_name
from gateway.spans import UNSET, LeanSpan, LeanTracer, trace_ids
from gateway.trace_views import EventView, SpanView, TraceView

_SCOPE: Final = InstrumentationScope("citygate")
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
SPANS_PER_TRACE: Final = 256
SPAN_BYTES: Final = 1024  # a redacted span with eight attributes takes 0.9 KiB
EXPORT_TIMEOUT_SECONDS: Final = 5.0
TraceAtOnce = Callable[[float], bytes]
"""Traces one request that began at a time (seconds since 1970) and ends now.

Gives its trace id as 32 hexadecimal digits, and nothing when nothing is traced.
"""


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """Where spans go, how many, and how long they stay.

    `otlp_endpoint` is a collector's base URL as in OTEL_EXPORTER_OTLP_ENDPOINT, or the full URL of its
    traces endpoint. `sample_ratio` is the share of requests, 0 to 1, that get spans. `keep_traces` and
    `keep_bytes` (an estimate) bound the memory of the in-memory store; 0 traces switch it off. Of a request without
    spans that fails or takes longer than `slow_seconds`, the outermost is kept nevertheless.
    """

    service_name: str = "citygate"
    otlp_endpoint: str | None = None
    otlp_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sample_ratio: float = 1.0
    keep_traces: int = 200
    keep_bytes: int = 4 * 1024 * 1024
    accept_remote_parent: bool = False
    slow_seconds: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.sample_ratio <= 1:
            raise ValueError(f"sample_ratio is {self.sample_ratio}, must be from 0 to 1")
        if self.keep_traces < 0 or self.keep_bytes < 0:
            raise ValueError(f"keep_traces {self.keep_traces}, keep_bytes {self.keep_bytes}: must not be negative")


MakeSpan = Callable[[], ReadableSpan]


@dataclass(slots=True)
class _Kept:
    spans: list[ReadableSpan | MakeSpan] = field(default_factory=list)
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
        self.keep(_context(span).trace_id, span)

    def keep(self, trace_id: int, span: ReadableSpan | MakeSpan) -> None:
        """The same for a span that is perhaps made only when somebody looks at it, always alike."""
        with self._lock:
            kept = self._traces.setdefault(trace_id, _Kept())
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
        return [_trace_view([_made(span) for span in spans], dropped) for spans, dropped in kept]

    def get(self, trace_id: str) -> TraceView | None:
        """One trace by its 32 hexadecimal digits, or None when it is unknown or gone."""
        if not re.fullmatch("[0-9a-f]{32}", trace_id):
            return None
        with self._lock:
            kept = self._traces.get(int(trace_id, 16))
            found = (tuple(kept.spans), kept.dropped) if kept else None
        return _trace_view([_made(span) for span in found[0]], found[1]) if found else None


class Telemetry:
    """One process's tracer and where its spans end up."""

    def __init__(self, settings: TelemetrySettings) -> None:
        self.traces = TraceStore(keep_traces=settings.keep_traces, keep_bytes=settings.keep_bytes)
        self._accept_remote_parent = settings.accept_remote_parent
        self._slow_ns = int(settings.slow_seconds * 1e9)
        self._resource = Resource({SERVICE_NAME: settings.service_name})
        self._sinks: list[SpanProcessor] = [self.traces] if settings.keep_traces else []
        if settings.otlp_endpoint is not None:
            self._sinks.append(_otlp(settings.otlp_endpoint, settings.otlp_headers))
        self._lean = LeanTracer(settings.sample_ratio, self._ended)
        self.tracer: Tracer = self._lean if self._sinks else NoOpTracer()

    def start_request(self, name: str, headers: Mapping[str, str]) -> Span:
        """Start the server span of one HTTP request; the caller makes it current and ends it.

        A caller's `traceparent` is not trusted: the trace is new and links to it, unless the settings
        accept remote parents. `tracestate` and baggage are not read at all: they may carry anything.
        """
        if not self._sinks:
            return INVALID_SPAN
        remote = _remote_parent(headers)
        if remote is not None and self._accept_remote_parent:
            return self._lean.root(name, remote, ())
        return self._lean.root(name, None, [Link(remote)] if remote is not None else ())

    @property
    def traces_requests(self) -> bool:
        """Whether a request has a trace id."""
        return bool(self._sinks)

    def at_once(self, name: str, attributes: Mapping[str, AttributeValue]) -> TraceAtOnce:
        """What traces a request of one kind that is answered in one go: one span, sampled like all requests."""
        if not self._sinks:
            return lambda _start: b""
        name, attributes = safe_name(name, "span"), allowed(attributes)
        ids, ratio = trace_ids(), self._lean.ratio

        def trace(start: float) -> bytes:
            trace_id = next(ids)
            if random.random() < ratio:  # noqa: S311  # nothing is secret about it
                self._note(int(trace_id, 16), name, attributes, start)
            return trace_id

        return trace

    def _note(self, trace_id: int, name: str, attributes: Mapping[str, AttributeValue], start: float) -> None:
        span_id, start_ns, end_ns = random.getrandbits(64) or 1, int(start * 1e9), time.time_ns()

        def made() -> ReadableSpan:
            return ReadableSpan(
                name=name,
                context=SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED),
                resource=self._resource,
                attributes=attributes,
                kind=SpanKind.SERVER,
                status=UNSET,
                start_time=start_ns,
                end_time=max(start_ns, end_ns),
                instrumentation_scope=_SCOPE,
            )

        for sink in self._sinks:
            if sink is self.traces:
                self.traces.keep(trace_id, made)
            else:
                sink.on_end(made())

    def _ended(self, span: LeanSpan) -> None:
        if span.sampled or _failed(span) or span.end_ns - span.start_ns > self._slow_ns:
            redacted = redact(span, self._resource)
            for sink in self._sinks:
                sink.on_end(redacted)

    def flush(self) -> bool:
        """Send what waits for the OTLP receiver; False when it did not take it in time. Blocks."""
        flushed = [sink.force_flush() for sink in self._sinks]
        return all(flushed)

    def close(self) -> None:
        """Flush and stop the background export. Blocks for some seconds when the receiver is gone."""
        for sink in self._sinks:
            sink.shutdown()


def trace_id(span: Span) -> str | None:
    """A span's trace id as 32 hexadecimal digits, or None when nothing is traced."""
    if isinstance(span, LeanSpan):
        return span.trace_name
    context = span.get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


def redact(span: LeanSpan, resource: Resource) -> ReadableSpan:
    """What the policy allows of an ended span; messages and stack traces stay behind."""
    return ReadableSpan(
        name=safe_name(span.name, "span"),
        context=_marked(span.context),
        parent=span.parent,
        resource=resource,
        attributes=allowed(span.attributes),
        events=[Event(safe_name(name, "event"), allowed(attributes), at) for name, attributes, at in span.events],
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_ns,
        end_time=span.end_ns,
        instrumentation_scope=_SCOPE,
    )


def _failed(span: LeanSpan) -> bool:
    return span.status.status_code is StatusCode.ERROR or bool(span.attributes.get("graphql.errors.count"))


def _marked(context: SpanContext) -> SpanContext:
    """The context of what is kept counts as sampled: exporters leave out what does not."""
    return SpanContext(context.trace_id, context.span_id, is_remote=False, trace_flags=_SAMPLED)


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


def _made(span: ReadableSpan | MakeSpan) -> ReadableSpan:
    return span if isinstance(span, ReadableSpan) else span()


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
