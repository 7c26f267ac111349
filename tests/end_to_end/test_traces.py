"""One request as a waterfall: from HTTP through resolver and adapter to the department's call."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.gateway import Client, Sandbox, call
from tests.end_to_end.test_home_screen import NEEDED


def spans_of(client: Client, answer: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(f"{client.address}/traces/{answer['extensions']['traceId']}.json")["spans"]
    return found


def chain(spans: list[dict[str, Any]], span: dict[str, Any]) -> list[str]:
    """Names from a span up to the request."""
    by_id = {one["spanId"]: one for one in spans}
    names = [span["name"]]
    while span["parentSpanId"] in by_id:
        span = by_id[span["parentSpanId"]]
        names.append(span["name"])
    return names


def test_the_waterfall_reaches_from_the_request_to_every_department(client: Client) -> None:
    spans = spans_of(client, client.example("home-screen", "resident"))
    calls = [span for span in spans if span["kind"] == "client" and span["attributes"]["citygate.department"] in NEEDED]
    assert {span["attributes"]["citygate.department"] for span in calls} == NEEDED
    for span in calls:
        _client, adapter, resolver, operation, request = chain(spans, span)
        department = span["attributes"]["citygate.department"]
        assert adapter.startswith(f"{department} ")
        assert resolver.startswith(("Viewer.", "TaxAccount."))
        assert (operation, request) == ("query HomeScreen", "POST /graphql")


def test_cache_state_protocol_and_error_code_are_seen(client: Client, sandbox: Sandbox) -> None:
    department = sorted(NEEDED)[0]
    sandbox.misbehave(department, kind="error")
    states = []
    for _ in range(2):
        spans = spans_of(client, client.example("home-screen", "resident"))
        calls = [span for span in spans if "citygate.cache" in span["attributes"]]
        assert all(span["attributes"]["citygate.protocol"] for span in calls)
        (failed,) = (span for span in calls if span["attributes"]["citygate.department"] == department)
        assert failed["attributes"]["citygate.error.code"].endswith("_UNAVAILABLE")
        states.append({span["attributes"]["citygate.cache"] for span in calls if span is not failed})
    assert states == [{"miss"}, {"hit"}]


def test_the_trace_goes_on_to_the_departments_with_their_own_correlation_id(client: Client, sandbox: Sandbox) -> None:
    answer = client.example("home-screen", "officer")
    for department in NEEDED:
        (made,) = (one for one in sandbox.calls_in_detail(department) if one["operation"] != "token")
        headers = {name.lower(): value for name, value in made["headers"].items()}
        assert headers["traceparent"].split("-")[1] == answer["extensions"]["traceId"]
        if department == "market_regulation":
            assert headers["x-road-id"]


def test_nothing_personal_is_in_a_trace(client: Client) -> None:
    for name in ("home-screen", "family", "complaints"):
        answer = client.example(name, "parent")
        text = str(spans_of(client, answer))
        for secret in ("100000033", "Li Mei", "李梅"):
            assert secret not in text
