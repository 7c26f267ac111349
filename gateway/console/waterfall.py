"""One trace as rows of a waterfall, and as the line that sums it up: plain numbers, no markup."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.trace_views import SpanView, TraceView


@dataclass(frozen=True, slots=True)
class Row:
    """One span in its place: depth in the tree, offset and width as shares (0 to 1) of the whole trace."""

    span: SpanView
    depth: int
    offset: float
    width: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list says of one trace; `status` is ok, partial, refused or failed, durations are nanoseconds."""

    trace_id: str
    started: datetime
    start_ns: int
    duration_ns: int
    operation_type: str | None
    operation_name: str | None
    status: str
    http_status: int | None
    departments: tuple[str, ...]


def summarise(trace: TraceView) -> Summary:
    """Sum up one trace from the attributes of its spans."""
    start_ns, end_ns = _bounds(trace)
    return Summary(
        trace_id=trace.trace_id,
        started=datetime.fromtimestamp(start_ns / 1e9, UTC),
        start_ns=start_ns,
        duration_ns=end_ns - start_ns,
        operation_type=_first_text(trace, "graphql.operation.type"),
        operation_name=_first_text(trace, "graphql.operation.name"),
        status=_status(trace),
        http_status=_http_status(trace),
        departments=tuple(dict.fromkeys(_all_text(trace, "citygate.department"))),
    )


def waterfall(trace: TraceView) -> list[Row]:
    """Order the spans depth first, siblings by start; a span whose parent is not kept stands at the left."""
    start_ns, end_ns = _bounds(trace)
    whole = max(end_ns - start_ns, 1)
    known = {span.span_id for span in trace.spans}
    children: dict[str | None, list[SpanView]] = defaultdict(list)
    for span in trace.spans:
        children[span.parent_id if span.parent_id in known else None].append(span)
    rows = []
    waiting = [(span, 0) for span in reversed(children[None])]
    while waiting:
        span, depth = waiting.pop()
        offset, width = (span.start_ns - start_ns) / whole, (span.end_ns - span.start_ns) / whole
        rows.append(Row(span, depth, offset, width))
        waiting.extend((child, depth + 1) for child in reversed(children[span.span_id]))
    return rows


def readable_duration(nanoseconds: int) -> str:
    """Write a duration with three digits and a unit from µs to s."""
    for unit, size in (("s", 1_000_000_000), ("ms", 1_000_000)):
        if nanoseconds >= size * 0.9995:
            value = nanoseconds / size
            return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"
    return f"{nanoseconds / 1000:.0f} µs"


def _bounds(trace: TraceView) -> tuple[int, int]:
    return min(span.start_ns for span in trace.spans), max(span.end_ns for span in trace.spans)


def _all_text(trace: TraceView, attribute: str) -> list[str]:
    return [str(span.attributes[attribute]) for span in trace.spans if attribute in span.attributes]


def _first_text(trace: TraceView, attribute: str) -> str | None:
    return next(iter(_all_text(trace, attribute)), None)


def _http_status(trace: TraceView) -> int | None:
    """The gateway's own answer; a department's status is on a client span."""
    found = (span.attributes.get("http.response.status_code") for span in trace.spans if span.kind == "server")
    return next((status for status in found if isinstance(status, int)), None)


def _status(trace: TraceView) -> str:
    status = _http_status(trace) or 200
    if status >= 500 or trace.spans[0].status == "error":
        return "failed"
    if status >= 400:
        return "refused"
    return "partial" if any(_failed(span) for span in trace.spans) or _errors(trace) else "ok"


def _failed(span: SpanView) -> bool:
    """An exchange with a department may fail and the call succeed (a retry, a 404 that means none)."""
    return span.kind != "client" and (span.status == "error" or "citygate.error.code" in span.attributes)


def _errors(trace: TraceView) -> int:
    return sum(int(text) for text in _all_text(trace, "graphql.errors.count"))
