"""The pages `/traces` and `/traces/ID`: what the last requests did, from HTTP to the departments' calls."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gateway.console.assets import Assets
from gateway.console.html import Markup, element, join
from gateway.console.page import TRACE_POLICY, head, page
from gateway.console.span_row import span_row
from gateway.console.text import Texts, texts_for
from gateway.console.waterfall import Summary, readable_duration, summarise, waterfall
from gateway.trace_store import TraceStore
from gateway.trace_views import SpanView, TraceView

JSON_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class TracePages:
    """The trace pages over one store; `traces` is None where the settings keep none."""

    def __init__(
        self, traces: TraceStore | None, *, assets: Assets, departments: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._traces = traces
        self._assets = assets
        self._departments = departments

    @property
    def routes(self) -> list[Route]:
        """The list, one trace, and one trace as JSON."""
        return [
            Route("/traces", self._list),
            Route("/traces/{trace_id}.json", self._json),
            Route("/traces/{trace_id}", self._one),
        ]

    async def _list(self, request: Request) -> HTMLResponse:
        texts = texts_for(request)
        if self._traces is None:
            return self._page(request, texts, "recent", _notice(texts, "switched_off"))
        summaries = [summarise(trace) for trace in self._traces.recent()]
        listing = self._table(texts, summaries) if summaries else _notice(texts, "nothing_kept")
        note = element("p", texts["recent_note"], class_="note") if summaries else None
        return self._page(request, texts, "recent", join(element("h1", texts["recent"]), note, listing))

    async def _one(self, request: Request) -> HTMLResponse:
        texts = texts_for(request)
        trace = self._find(request)
        if trace is None:
            return self._page(request, texts, "gone", _notice(texts, "gone"), status=404)
        return self._page(request, texts, "trace", self._trace(texts, trace))

    async def _json(self, request: Request) -> Response:
        trace = self._find(request)
        if trace is None:
            return JSONResponse({"error": "this trace is not kept here"}, 404, JSON_HEADERS)
        return JSONResponse(trace_json(trace), headers=JSON_HEADERS)

    def _find(self, request: Request) -> TraceView | None:
        return self._traces.get(request.path_params["trace_id"]) if self._traces else None

    def _page(self, request: Request, texts: Texts, title: str, content: Markup, *, status: int = 200) -> HTMLResponse:
        body = element("body", _banner(request, texts), element("main", content))
        titled = head(f"{texts[title]} · Citygate", self._assets, "traces.css")
        return page(body, head=titled, language=texts.language, policy=TRACE_POLICY, status=status)

    def _title(self, texts: Texts, department: str) -> str:
        return self._departments.get(department, {}).get(texts.language, department)

    def _table(self, texts: Texts, summaries: list[Summary]) -> Markup:
        columns = ("operation", "status", "duration", "departments", "time")
        headings = element("tr", *(element("th", texts[column], scope="col") for column in columns))
        rows = [self._table_row(texts, summary) for summary in summaries]
        return element("table", element("thead", headings), element("tbody", *rows), class_="requests")

    def _table_row(self, texts: Texts, summary: Summary) -> Markup:
        operation = element("a", _operation(texts, summary), href=f"/traces/{summary.trace_id}?lang={texts.language}")
        departments = [element("li", self._title(texts, name)) for name in summary.departments]
        return element(
            "tr",
            element("td", _operation_type(summary), operation, class_="operation"),
            element("td", _status(texts, summary)),
            element("td", readable_duration(summary.duration_ns), class_="number"),
            element("td", element("ul", *departments, class_="chips")),
            element("td", _time(summary), class_="number"),
        )

    def _trace(self, texts: Texts, trace: TraceView) -> Markup:
        summary = summarise(trace)
        rows = [
            span_row(row, texts, trace_start_ns=summary.start_ns, title=lambda name: self._title(texts, name))
            for row in waterfall(trace)
        ]
        heading = element("h1", _operation_type(summary), _operation(texts, summary))
        dropped = f"{trace.dropped_spans} {texts['dropped']}" if trace.dropped_spans else None
        return join(
            heading,
            _facts(texts, summary, trace),
            _scale(summary.duration_ns),
            element("ol", *rows, class_="waterfall"),
            element("p", dropped, class_="note") if dropped else None,
            element("p", element("a", texts["as_json"], href=f"/traces/{trace.trace_id}.json"), class_="note"),
        )


def trace_json(trace: TraceView) -> dict[str, Any]:
    """One trace as JSON, its names and its decimal strings for times after OTLP's JSON encoding."""
    return {
        "traceId": trace.trace_id,
        "droppedSpans": trace.dropped_spans,
        "spans": [_span_json(span) for span in trace.spans],
    }


def _span_json(span: SpanView) -> dict[str, Any]:
    return {
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "status": span.status,
        "attributes": dict(span.attributes),
        "events": [
            {"name": event.name, "timeUnixNano": str(event.time_ns), "attributes": dict(event.attributes)}
            for event in span.events
        ],
        "links": [{"traceId": linked} for linked in span.links],
    }


def _banner(request: Request, texts: Texts) -> Markup:
    other = "en" if texts.language == "zh-CN" else "zh-CN"
    links = [
        element("a", texts["graphiql"], href=f"/graphql?lang={texts.language}"),
        element("a", texts["traces"], href=f"/traces?lang={texts.language}"),
        element("a", texts["other_language"], href=f"{request.url.path}?lang={other}", lang=other),
    ]
    return element("header", element("strong", "Citygate"), element("nav", *links))


def _notice(texts: Texts, key: str) -> Markup:
    return element(
        "section",
        element("h1", texts[key]),
        element("p", texts[f"{key}_note"]),
        element("p", element("a", texts["all_requests"], href=f"/traces?lang={texts.language}"))
        if key == "gone"
        else None,
        class_="notice",
    )


def _operation(texts: Texts, summary: Summary) -> Markup | str:
    return summary.operation_name or element("em", texts["anonymous_operation"])


def _operation_type(summary: Summary) -> Markup | None:
    return element("span", summary.operation_type, class_="type") if summary.operation_type else None


def _status(texts: Texts, summary: Summary) -> Markup:
    code = f" · {summary.http_status}" if summary.http_status else ""
    return element("span", texts[summary.status] + code, class_=f"status {summary.status}")


def _time(summary: Summary) -> Markup:
    return element("time", summary.started.strftime("%Y-%m-%d %H:%M:%S"), datetime=summary.started.isoformat())


def _facts(texts: Texts, summary: Summary, trace: TraceView) -> Markup:
    facts = [
        (texts["status"], _status(texts, summary)),
        (texts["duration"], readable_duration(summary.duration_ns)),
        (texts["spans"], str(len(trace.spans))),
        (texts["time"], _time(summary)),
        (texts["trace_id"], element("code", trace.trace_id)),
    ]
    facts += [(texts["follows"], element("code", linked)) for linked in trace.spans[0].links]
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    return element("dl", *pairs, class_="facts")


def _scale(duration_ns: int) -> Markup:
    """Mark the quarters above the bars, in the columns of a row."""
    marks = [element("span", readable_duration(duration_ns * quarter // 4)) for quarter in range(4)]
    timing = element("div", element("div", *marks, class_="marks"), element("span", class_="number"), class_="timing")
    return element("div", element("div", class_="label"), timing, class_="scale", aria_hidden="true")
