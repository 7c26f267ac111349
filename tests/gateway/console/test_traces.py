"""The trace pages without a browser: what they say, what they escape, what they answer when nothing is there."""

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from starlette.applications import Starlette

from gateway.console.routes import ConsoleSettings, build_console
from gateway.console.span_row import error_explanation
from gateway.console.text import TEXTS, Texts, accepted_language
from gateway.console.waterfall import readable_duration, summarise, waterfall
from gateway.telemetry import Telemetry, TelemetrySettings, trace_id
from gateway.trace_store import TraceStore
from gateway.trace_views import SpanView, TraceView
from tests.gateway.console.asgi_client import Client
from tests.gateway.console.small_city import DEPARTMENTS, EXAMPLES


@pytest.fixture
def telemetry():
    built = Telemetry(TelemetrySettings())
    yield built
    built.close()


def client_for(traces: TraceStore | None) -> Client:
    settings = ConsoleSettings(examples=EXAMPLES, departments=DEPARTMENTS)
    return Client(Starlette(routes=build_console(settings, traces=traces, sandbox=None).routes))


def request_with_a_call(telemetry: Telemetry, **attributes: str | int) -> str:
    root = telemetry.start_request("POST /graphql", {})
    call = {"citygate.department": "tax", "citygate.cache": "shared"}
    with (
        trace.use_span(root, end_on_exit=True),
        telemetry.tracer.start_as_current_span("tax.account", kind=SpanKind.CLIENT, attributes=call),
    ):
        root.set_attributes(attributes)
    found = trace_id(root)
    assert found is not None
    return found


def span(span_id: str, parent_id: str | None, start_ns: int, end_ns: int, **changes) -> SpanView:
    given = {
        "name": span_id,
        "kind": "internal",
        "status": "unset",
        "attributes": {},
        "events": (),
        "links": (),
    } | changes
    return SpanView(span_id=span_id, parent_id=parent_id, start_ns=start_ns, end_ns=end_ns, **given)


def test_the_list_says_what_each_request_did(telemetry):
    named = {"graphql.operation.type": "mutation", "graphql.operation.name": "HoldAppointment"}
    found = request_with_a_call(telemetry, **named, **{"http.response.status_code": 200})
    page = client_for(telemetry.traces).get("/traces").text
    assert f'href="/traces/{found}?lang=en"' in page
    for said in ("mutation", "HoldAppointment", "answered · 200", "<li>Taxation</li>"):
        assert said in page


def test_a_trace_is_there_as_json(telemetry):
    found = request_with_a_call(telemetry, **{"http.response.status_code": 200})
    answer = client_for(telemetry.traces).get(f"/traces/{found}.json")
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["traceId"] == found
    root, call = body["spans"]
    assert (root["parentSpanId"], call["parentSpanId"]) == (None, root["spanId"])
    assert int(root["startTimeUnixNano"]) <= int(call["startTimeUnixNano"])
    assert call["attributes"] == {"citygate.department": "tax", "citygate.cache": "shared"}


@pytest.mark.parametrize("unknown", ["0" * 32, "not-a-trace", "%3Cscript%3E", "1" * 500])
def test_a_trace_that_is_gone_is_404_and_says_so(telemetry, unknown):
    client = client_for(telemetry.traces)
    page = client.get(f"/traces/{unknown}")
    assert page.status_code == 404
    assert "This trace is not here" in page.text
    assert "<script" not in page.text
    data = client.get(f"/traces/{unknown}.json")
    assert (data.status_code, data.json()) == (404, {"error": "this trace is not kept here"})


def test_an_empty_store_says_so(telemetry):
    assert "No request has been kept yet" in client_for(telemetry.traces).get("/traces").text


def test_without_a_store_the_page_says_so():
    client = client_for(None)
    assert "Requests are not kept here" in client.get("/traces").text
    assert client.get("/traces/" + "0" * 32).status_code == 404


def test_everything_is_escaped():
    """The policy on spans lets no markup through; the page does not count on it."""
    markup = "<img src=x onerror=alert(1)>"
    root = span("1" * 16, None, 0, 10, name=markup, attributes={"citygate.department": markup, markup: markup})
    evil = TraceView("1" * 32, (root,), 0)

    class Store(TraceStore):
        def recent(self):
            return [evil]

        def get(self, trace_id):
            return evil

    client = client_for(Store(keep_traces=1, keep_bytes=1))
    for path in ("/traces", "/traces/x", f"/traces/x?lang={markup}"):
        page = client.get(path).text
        assert "<img" not in page
        assert path == "/traces" or "&lt;img" in page


@pytest.mark.parametrize("path", ["/", "/traces", "/traces/none"])
def test_pages_close_every_door_they_do_not_need(telemetry, path):
    headers = client_for(telemetry.traces).get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'none'"
    assert policy.get("script-src") == ("'self'" if path == "/" else None)
    assert policy["style-src"] == ("'self' 'unsafe-inline'" if path == "/" else "'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"


def test_pages_speak_the_readers_language(telemetry):
    client = client_for(telemetry.traces)
    chinese = client.get("/traces", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-CN">' in chinese.text
    assert "尚无请求记录" in chinese.text
    assert chinese.headers["content-language"] == "zh-CN"
    assert chinese.headers["vary"] == "Accept-Language"
    assert '<html lang="en">' in client.get("/traces?lang=en", headers={"accept-language": "zh-CN"}).text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh-CN"),
        ("zh-Hant-TW", "zh-CN"),
        ("fr, zh;q=0.5", "zh-CN"),
        ("en;q=0.4, zh;q=0.5", "zh-CN"),
        ("en, zh", "en"),
        ("zh;q=0", "en"),
        ("zh;q=junk, en;q=0.1", "en"),
        ("zh;q=nan", "en"),
        ("de, *;q=0.1", "en"),
        (",;=," * 1000, "en"),
    ],
)
def test_the_preferred_language_wins(header, language):
    assert accepted_language(header) == language


@pytest.mark.parametrize("column", [0, 1])
def test_every_text_is_there_in_both_languages(column):
    assert [key for key, texts in TEXTS.items() if not texts[column].strip()] == []


@pytest.mark.parametrize(
    ("code", "explanation"),
    [
        ("TAX_TIMED_OUT", "The department did not answer in time."),
        ("CIV_BAD_REPLY", "The reply broke the department's own contract."),
        ("UNAVAILABLE", "The department could not be reached."),
        ("BAD_USER_INPUT", None),
    ],
)
def test_error_codes_are_explained_by_their_kind(code, explanation):
    assert error_explanation(code, Texts("en")) == explanation


@pytest.mark.parametrize(
    ("spans", "status"),
    [
        ([span("a", None, 0, 9)], "ok"),
        ([span("a", None, 0, 9, status="error")], "failed"),
        ([span("a", None, 0, 9, kind="server", attributes={"http.response.status_code": 503})], "failed"),
        ([span("a", None, 0, 9, kind="server", attributes={"http.response.status_code": 401})], "refused"),
        ([span("a", None, 0, 9), span("b", "a", 1, 2, status="error")], "partial"),
        ([span("a", None, 0, 9), span("b", "a", 1, 2, attributes={"citygate.error.code": "X"})], "partial"),
        ([span("a", None, 0, 9, attributes={"graphql.errors.count": 2})], "partial"),
        ([span("a", None, 0, 9, attributes={"graphql.errors.count": 0})], "ok"),
        (
            [
                span("a", None, 0, 9),
                span("b", "a", 1, 2, kind="client", status="error", attributes={"http.response.status_code": 500}),
            ],
            "ok",
        ),
    ],
)
def test_a_status_is_the_worst_of_its_spans(spans, status):
    assert summarise(TraceView("1" * 32, tuple(spans), 0)).status == status


def test_the_waterfall_goes_depth_first_and_keeps_orphans():
    spans = (
        span("root", "remote", 100, 200),
        span("first", "root", 110, 150),
        span("orphan", "lost", 115, 120),
        span("inner", "first", 120, 140),
        span("second", "root", 130, 200),
    )
    rows = waterfall(TraceView("1" * 32, spans, 1))
    assert [(row.span.name, row.depth) for row in rows] == [
        ("root", 0),
        ("first", 1),
        ("inner", 2),
        ("second", 1),
        ("orphan", 0),
    ]
    assert [(row.offset, row.width) for row in rows[:3]] == [(0, 1), (0.1, 0.4), (0.2, 0.2)]


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0 µs"),
        (850_400, "850 µs"),
        (999_600, "1.00 ms"),
        (1_234_000, "1.23 ms"),
        (35_480_000, "35.5 ms"),
        (999_900_000, "1.00 s"),
        (321_000_000, "321 ms"),
        (12_340_000_000, "12.3 s"),
    ],
)
def test_durations_have_three_digits_and_a_unit(nanoseconds, text):
    assert readable_duration(nanoseconds) == text
