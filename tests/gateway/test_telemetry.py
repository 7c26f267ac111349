"""Spans reach the store and a real OTLP receiver, and never carry more than the policy allows."""

import multiprocessing
import time
from collections.abc import Callable, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from gateway.span_attributes import ALLOWED_ATTRIBUTES, Redacted
from gateway.telemetry import Telemetry, TelemetrySettings, trace_id
from gateway.trace_store import SPAN_BYTES, SPANS_PER_TRACE
from tests.servers.otlp import Receiver, receiving

SECRET = "王小明 420106199003071234 zhang.wei@example.cn"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
GOOD_VALUES: dict[str, str | int | bool] = {
    "http.request.method": "POST",
    "http.request.resend_count": 1,
    "http.response.status_code": 200,
    "http.route": "/graphql",
    "network.protocol.name": "http",
    "network.protocol.version": "1.1",
    "server.address": "127.0.0.1",
    "server.port": 8443,
    "url.scheme": "https",
    "error.type": "timeout",
    "exception.type": "adapters.contract.errors.TimedOut",
    "graphql.document": Redacted("query Q { a }"),
    "graphql.document.digest": "sha256:" + "0123456789abcdef" * 4,
    "graphql.errors.count": 2,
    "graphql.field.coordinates": "Viewer.appointments",
    "graphql.operation.name": "HomeScreen",
    "graphql.operation.type": "query",
    "citygate.breaker": "half_open",
    "graphql.variables": Redacted('{"first":1}'),
    "citygate.cache": "hit",
    "citygate.correlation.id": "4894e35d-bf0f-44a6-867a-8e51f1daa7e0",
    "citygate.department": "public_security",
    "citygate.error.code": "TAX_TIMED_OUT",
    "citygate.error.retryable": True,
    "citygate.keys.count": 50,
    "citygate.operation": "account.by_person",
    "citygate.protocol": "GovStack Registration 0.1.1 over X-Road REST (r1)",
    "citygate.records.count": 3,
    "citygate.retries.count": 1,
    "citygate.stale.reason": "TAX_TIMED_OUT",
    "citygate.stale.seconds": 90,
}


@pytest.fixture
def telemetry_with() -> Iterator[Callable[..., Telemetry]]:
    opened: list[Telemetry] = []

    def build(**settings) -> Telemetry:
        opened.append(Telemetry(TelemetrySettings(**settings)))
        return opened[-1]

    yield build
    for telemetry in opened:
        telemetry.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def one_request(telemetry: Telemetry, headers: dict[str, str] | None = None) -> str:
    """A request with a resolver and one call inside; returns its trace id."""
    root = telemetry.start_request("POST /graphql", headers or {})
    with (
        trace.use_span(root, end_on_exit=True),
        telemetry.tracer.start_as_current_span("Viewer.tax"),
        telemetry.tracer.start_as_current_span("tax.account", kind=SpanKind.CLIENT) as call,
    ):
        call.set_attributes({"citygate.department": "tax", "citygate.keys.count": 1})
    found = trace_id(root)
    assert found is not None
    return found


def leak_everywhere(telemetry: Telemetry) -> None:
    """Put the secret wherever the API lets one."""
    with (
        pytest.raises(ValueError, match="zhang"),
        telemetry.tracer.start_as_current_span(f"tax {SECRET}") as span,
    ):
        for name in ALLOWED_ATTRIBUTES:
            span.set_attribute(name, SECRET)
        span.set_attribute("citygate.department", [SECRET])
        span.set_attribute("enduser.id", SECRET)
        span.set_attribute(SECRET, "value")
        span.add_event(SECRET, {"exception.type": SECRET, "other": SECRET})
        span.set_status(Status(StatusCode.ERROR, SECRET))
        span.add_link(span.get_span_context(), {"note": SECRET})
        raise ValueError(SECRET)


def test_one_request_is_kept_as_one_trace(telemetry_with):
    telemetry = telemetry_with()
    kept = telemetry.traces.get(one_request(telemetry))

    assert [(span.name, span.kind) for span in kept.spans] == [
        ("POST /graphql", "server"),
        ("Viewer.tax", "internal"),
        ("tax.account", "client"),
    ]
    root, resolver, call = kept.spans
    assert (root.parent_id, resolver.parent_id, call.parent_id) == (None, root.span_id, resolver.span_id)
    assert root.start_ns <= call.start_ns <= call.end_ns <= root.end_ns
    assert call.attributes == {"citygate.department": "tax", "citygate.keys.count": 1}


def test_recent_traces_come_latest_first(telemetry_with):
    telemetry = telemetry_with()
    first, second = one_request(telemetry), one_request(telemetry)
    assert [kept.trace_id for kept in telemetry.traces.recent()] == [second, first]


def test_every_allowed_attribute_is_kept_in_its_shape(telemetry_with):
    telemetry = telemetry_with()
    assert GOOD_VALUES.keys() == ALLOWED_ATTRIBUTES.keys()
    with telemetry.tracer.start_as_current_span("call", attributes=GOOD_VALUES) as span:
        pass
    assert telemetry.traces.get(trace_id(span)).spans[0].attributes == GOOD_VALUES


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("graphql.operation.name", "a" * 65),
        ("graphql.operation.name", "Person420106199003071234"),
        ("graphql.operation.name", "Name\n"),
        ("graphql.operation.type", "queries"),
        ("citygate.cache", "HIT"),
        ("citygate.keys.count", True),
        ("citygate.keys.count", "3"),
        ("citygate.error.retryable", 1),
        ("citygate.operation", "13912345678"),
        ("url.full", "http://127.0.0.1/person/7"),
        ("graphql.document", "{ viewer { name } }"),
    ],
)
def test_an_attribute_of_another_name_or_shape_is_dropped(telemetry_with, name, value):
    telemetry = telemetry_with()
    with telemetry.tracer.start_as_current_span("call", attributes={name: value}) as span:
        pass
    assert telemetry.traces.get(trace_id(span)).spans[0].attributes == {}


def test_an_exception_keeps_its_type_and_loses_its_message(telemetry_with):
    telemetry = telemetry_with()
    leak_everywhere(telemetry)
    (span,) = telemetry.traces.recent()[0].spans
    assert (span.name, span.status) == ("span", "error")
    assert [(event.name, event.attributes) for event in span.events] == [
        ("event", {}),
        ("exception", {"exception.type": "ValueError"}),
    ]


def test_a_secret_comes_out_nowhere(telemetry_with, receiver):
    telemetry = telemetry_with(otlp_endpoint=receiver.url)
    leak_everywhere(telemetry)
    assert telemetry.flush()

    assert receiver.bodies
    kept = repr(telemetry.traces.recent())
    for piece in SECRET.split():
        assert piece not in kept
        assert all(piece.encode() not in body for body in receiver.bodies)


def test_a_real_receiver_gets_the_whole_trace(telemetry_with, receiver):
    telemetry = telemetry_with(
        otlp_endpoint=receiver.url, otlp_headers={"authorization": "Bearer collector"}, service_name="gate"
    )
    requested = one_request(telemetry)
    assert telemetry.flush()

    assert receiver.paths == ["/v1/traces"]
    assert receiver.headers[0]["content-type"] == "application/x-protobuf"
    assert receiver.headers[0]["authorization"] == "Bearer collector"
    resource = receiver.requests[0].resource_spans[0].resource
    assert {each.key: each.value.string_value for each in resource.attributes} == {"service.name": "gate"}
    spans = {span.name: span for span in receiver.spans}
    assert {span.trace_id.hex() for span in spans.values()} == {requested}
    assert spans["tax.account"].parent_span_id == spans["Viewer.tax"].span_id
    assert spans["Viewer.tax"].parent_span_id == spans["POST /graphql"].span_id
    assert spans["tax.account"].attributes[0].value.string_value == "tax"
    assert telemetry.traces.get(requested) is not None


def test_closing_sends_what_still_waits(receiver):
    telemetry = Telemetry(TelemetrySettings(otlp_endpoint=f"{receiver.url}/v1/traces", keep_traces=0))
    one_request(telemetry)
    telemetry.close()
    assert len(receiver.spans) == 3
    assert telemetry.traces.recent() == []


def test_a_remote_parent_is_linked_and_not_followed(telemetry_with, receiver):
    telemetry = telemetry_with(otlp_endpoint=receiver.url)
    requested = one_request(telemetry, {"traceparent": TRACEPARENT, "tracestate": "vendor=zhang"})

    root = telemetry.traces.get(requested).spans[0]
    assert requested != TRACEPARENT.split("-")[1]
    assert root.parent_id is None
    assert root.links == (TRACEPARENT.split("-")[1],)
    assert telemetry.flush()
    assert all(b"vendor" not in body for body in receiver.bodies)


def test_a_remote_parent_is_followed_when_the_settings_accept_it(telemetry_with):
    telemetry = telemetry_with(accept_remote_parent=True)
    requested = one_request(telemetry, {"traceparent": TRACEPARENT})
    assert requested == TRACEPARENT.split("-")[1]
    assert telemetry.traces.get(requested).spans[0].parent_id == TRACEPARENT.split("-")[2]


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize(
    "header", ["", "junk", TRACEPARENT.upper(), "00-" + "0" * 32 + "-00f067aa0ba902b7-01", TRACEPARENT * 9]
)
def test_a_malformed_traceparent_is_ignored(telemetry_with, accept, header):
    telemetry = telemetry_with(accept_remote_parent=accept)
    root = telemetry.traces.get(one_request(telemetry, {"traceparent": header})).spans[0]
    assert (root.parent_id, root.links) == (None, ())


def test_a_request_starts_a_new_trace_inside_another_span(telemetry_with):
    telemetry = telemetry_with()
    with telemetry.tracer.start_as_current_span("lifespan") as outer:
        assert one_request(telemetry) != trace_id(outer)


def test_the_oldest_trace_makes_room(telemetry_with):
    telemetry = telemetry_with(keep_traces=2)
    first, second, third = (one_request(telemetry) for _ in range(3))
    assert [kept.trace_id for kept in telemetry.traces.recent()] == [third, second]
    assert telemetry.traces.get(first) is None


def test_bytes_bound_the_store_too(telemetry_with):
    telemetry = telemetry_with(keep_bytes=7 * SPAN_BYTES)
    requests = [one_request(telemetry) for _ in range(5)]
    assert [kept.trace_id for kept in telemetry.traces.recent()] == requests[:2:-1]


def test_a_trace_keeps_its_outermost_spans_and_counts_the_others(telemetry_with):
    telemetry = telemetry_with()
    with telemetry.tracer.start_as_current_span("root") as root:
        for number in range(SPANS_PER_TRACE + 4):
            telemetry.tracer.start_span(f"child {number}").end()
    kept = telemetry.traces.get(trace_id(root))
    assert (len(kept.spans), kept.dropped_spans) == (SPANS_PER_TRACE, 5)
    assert kept.spans[0].name == "root"


def test_nothing_is_sampled_at_ratio_zero(telemetry_with):
    telemetry = telemetry_with(sample_ratio=0.0)
    one_request(telemetry)
    assert telemetry.traces.recent() == []


def test_without_a_sink_there_is_no_trace(telemetry_with):
    telemetry = telemetry_with(keep_traces=0)
    assert trace_id(telemetry.start_request("POST /graphql", {"traceparent": TRACEPARENT[:-1]})) is None


def test_the_global_provider_is_left_alone(telemetry_with):
    before = trace.get_tracer_provider()
    one_request(telemetry_with())
    assert trace.get_tracer_provider() is before


@pytest.mark.parametrize("unknown", ["", "0" * 32, "x" * 32, "ABC", "1" * 33, "../etc"])
def test_an_unknown_trace_is_none(telemetry_with, unknown):
    assert telemetry_with().traces.get(unknown) is None


@pytest.mark.parametrize("wrong", [{"sample_ratio": 1.5}, {"keep_traces": -1}, {"keep_bytes": -1}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
        TelemetrySettings(**wrong)


def test_settings_do_not_print_the_receivers_credentials():
    assert "s3cret" not in repr(TelemetrySettings(otlp_headers={"authorization": "s3cret"}))


def test_an_unsampled_request_knows_its_trace_and_makes_no_spans(telemetry_with):
    telemetry = telemetry_with(sample_ratio=0.0)
    root = telemetry.start_request("POST /graphql", {})
    assert trace_id(root) is not None
    with trace.use_span(root, end_on_exit=True), telemetry.tracer.start_as_current_span("inner") as inner:
        assert not inner.is_recording()
        assert trace.get_current_span() is root, "what goes on to departments has the request's trace id"
    assert telemetry.traces.recent() == []


@pytest.mark.parametrize("how", ["status", "errors", "slow"])
def test_of_an_unsampled_request_that_fails_or_is_slow_the_outermost_span_is_kept(telemetry_with, how):
    telemetry = telemetry_with(sample_ratio=0.0, slow_seconds=0.0 if how == "slow" else 60.0)
    root = telemetry.start_request("POST /graphql", {})
    with trace.use_span(root, end_on_exit=True), telemetry.tracer.start_as_current_span("inner"):
        if how == "status":
            root.set_status(Status(StatusCode.ERROR))
        elif how == "errors":
            root.set_attribute("graphql.errors.count", 1)
    (kept,) = telemetry.traces.recent()
    assert [span.name for span in kept.spans] == ["POST /graphql"]


def test_forked_workers_give_out_different_trace_ids(telemetry_with):
    telemetry = telemetry_with()
    trace_at_once = telemetry.at_once("POST /graphql", {})

    def ids(channel) -> None:
        channel.send((one_request(telemetry), trace_at_once(0.0)))

    found = []
    for _ in range(3):
        here, there = multiprocessing.Pipe()
        worker = multiprocessing.get_context("fork").Process(target=ids, args=(there,))
        worker.start()
        found += here.recv()
        worker.join()
    assert len(set(found)) == 6


def test_a_request_answered_at_once_has_one_span_that_is_made_when_it_is_looked_at(telemetry_with):
    telemetry = telemetry_with()
    trace_at_once = telemetry.at_once("POST /graphql", {"http.route": "/graphql", SECRET: SECRET})
    first, second = (trace_at_once(time.time() - 0.25).decode() for _ in range(2))
    assert first != second
    (span,) = telemetry.traces.get(first).spans
    assert (span.name, span.kind, span.parent_id, span.status) == ("POST /graphql", "server", None, "unset")
    assert span.attributes == {"http.route": "/graphql"}
    assert 0.25e9 <= span.end_ns - span.start_ns < 10e9
    assert telemetry.traces.get(first).spans == (span,), "the same again"
    assert [kept.trace_id for kept in telemetry.traces.recent()] == [second, first]


def test_a_request_answered_at_once_reaches_the_receiver(telemetry_with, receiver):
    telemetry = telemetry_with(otlp_endpoint=receiver.url)
    identifier = telemetry.at_once("POST /graphql", {"http.route": "/graphql"})(time.time()).decode()
    assert telemetry.flush()
    assert [(span.name, span.trace_id.hex()) for span in receiver.spans] == [("POST /graphql", identifier)]


@pytest.mark.parametrize("ratio", [0.0, 0.25, 1.0])
def test_requests_answered_at_once_are_sampled_by_the_ratio(telemetry_with, ratio):
    telemetry = telemetry_with(sample_ratio=ratio, keep_traces=2000)
    trace_at_once = telemetry.at_once("POST /graphql", {})
    assert len({trace_at_once(0.0) for _ in range(2000)}) == 2000
    assert len(telemetry.traces.recent()) == pytest.approx(2000 * ratio, abs=150)


def test_without_a_sink_nothing_answered_at_once_is_traced(telemetry_with):
    assert telemetry_with(keep_traces=0).at_once("POST /graphql", {})(0.0) == b""
