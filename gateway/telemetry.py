"""Traces without personal data: the only door to OpenTelemetry's SDK.

A span passes `redact` once, when it ends, and only what `span_attributes` names goes on: to the
in-memory `TraceStore` that the console reads, and to an OTLP receiver where one is configured. The
process-wide tracer provider is left alone; whoever wants a span is handed `Telemetry.tracer`.
"""

import random
import time
from collections.abc import Callable, Mapping
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
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes, AttributeValue

from gateway.span_attributes import allowed, safe_name
from gateway.spans import LeanSpan, LeanTracer, trace_ids
from gateway.trace_store import EndedSpan, TraceStore

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


class Telemetry:
    """One process's tracer and where its spans end up."""

    def __init__(self, settings: TelemetrySettings) -> None:
        self.traces = TraceStore(keep_traces=settings.keep_traces, keep_bytes=settings.keep_bytes)
        self._accept_remote_parent = settings.accept_remote_parent
        self._slow_ns = int(settings.slow_seconds * 1e9)
        self._resource = Resource({SERVICE_NAME: settings.service_name})
        self._keep = self.traces.keep if settings.keep_traces else None
        endpoint = settings.otlp_endpoint
        self._exporter = None if endpoint is None else _otlp(endpoint, settings.otlp_headers)
        self._lean = LeanTracer(settings.sample_ratio, self._ended)
        self.tracer: Tracer = self._lean if self.traces_requests else NoOpTracer()

    def start_request(self, name: str, headers: Mapping[str, str], attributes: Attributes = None) -> Span:
        """Start the server span of one HTTP request; the caller makes it current and ends it.

        A caller's `traceparent` is not trusted: the trace is new and links to it, unless the settings
        accept remote parents. `tracestate` and baggage are not read at all: they may carry anything.
        """
        if not self.traces_requests:
            return INVALID_SPAN
        remote = _remote_parent(headers)
        if remote is not None and self._accept_remote_parent:
            return self._lean.root(name, remote, (), attributes)
        return self._lean.root(name, None, [Link(remote)] if remote is not None else (), attributes)

    @property
    def traces_requests(self) -> bool:
        """Whether a request has a trace id."""
        return self._keep is not None or self._exporter is not None

    def at_once(self, name: str, attributes: Mapping[str, AttributeValue]) -> TraceAtOnce:
        """What traces a request of one kind that is answered in one go: one span, sampled like all requests."""
        if not self.traces_requests:
            return lambda _start: b""
        name, attributes = safe_name(name, "span"), allowed(attributes)
        ids: list[bytes] = []
        ratio, drawn = self._lean.ratio, random.random

        def trace(start: float) -> bytes:
            if not ids:
                ids.extend(trace_ids())
            trace_id = ids.pop()
            if drawn() < ratio:
                self._take(_whole(int(trace_id, 16), name, attributes, start))
            return trace_id

        return trace

    def _ended(self, span: LeanSpan) -> None:
        if span.sampled or _failed(span) or span.end_ns - span.start_ns > self._slow_ns:
            self._take(redact(span))

    def _take(self, span: EndedSpan) -> None:
        if self._keep is not None:
            self._keep(span)
        if self._exporter is not None:
            self._exporter.on_end(_readable(span, self._resource))

    def flush(self) -> bool:
        """Send what waits for the OTLP receiver; False when it did not take it in time. Blocks."""
        return self._exporter is None or self._exporter.force_flush()

    def close(self) -> None:
        """Flush and stop the background export. Blocks for some seconds when the receiver is gone."""
        if self._exporter is not None:
            self._exporter.shutdown()


def trace_id(span: Span) -> str | None:
    """A span's trace id as 32 hexadecimal digits, or None when nothing is traced."""
    if isinstance(span, LeanSpan):
        return span.trace_name
    return format_trace_id(context.trace_id) if (context := span.get_span_context()).is_valid else None


def redact(span: LeanSpan) -> EndedSpan:
    """What the policy allows of an ended span; messages and stack traces stay behind."""
    parent = span.parent
    return EndedSpan(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=None if parent is None else parent.span_id,
        follows=isinstance(parent, SpanContext) and parent.is_remote,
        name=safe_name(span.name, "span"),
        kind=span.kind,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        status=span.status.status_code,
        attributes=allowed(span.attributes),
        events=tuple((safe_name(name, "event"), allowed(noted), at) for name, noted, at in span.events),
        links=tuple(link.context for link in span.links),
    )


def _whole(trace_id: int, name: str, attributes: Mapping[str, AttributeValue], start: float) -> EndedSpan:
    start_ns = int(start * 1e9)
    return EndedSpan(
        trace_id=trace_id,
        span_id=random.getrandbits(64) or 1,
        name=name,
        kind=SpanKind.SERVER,
        start_ns=start_ns,
        end_ns=max(start_ns, time.time_ns()),
        attributes=attributes,
    )


def _readable(span: EndedSpan, resource: Resource) -> ReadableSpan:
    """A span as exporters want it. They leave out what does not count as sampled, and what is kept does."""
    parent = None
    if span.parent_id is not None:
        parent = SpanContext(span.trace_id, span.parent_id, is_remote=span.follows, trace_flags=_SAMPLED)
    return ReadableSpan(
        name=span.name,
        context=SpanContext(span.trace_id, span.span_id, is_remote=False, trace_flags=_SAMPLED),
        parent=parent,
        resource=resource,
        attributes=span.attributes,
        events=[Event(name, noted, at) for name, noted, at in span.events],
        links=[Link(context) for context in span.links],
        kind=span.kind,
        status=Status(span.status),
        start_time=span.start_ns,
        end_time=span.end_ns,
        instrumentation_scope=_SCOPE,
    )


def _failed(span: LeanSpan) -> bool:
    return span.status.status_code is StatusCode.ERROR or bool(span.attributes.get("graphql.errors.count"))


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
