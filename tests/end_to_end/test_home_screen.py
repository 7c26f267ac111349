"""The spine: one query, five domains, five departments, exactly one call each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox, under_both

DOMAINS = {
    "appointments": "service_centre",
    "registrations": "market_regulation",
    "complaints": "hotline",
    "taxAccount": "taxation",
    "civilRecord": "civil_affairs",
}
NEEDED = {department for department in DOMAINS.values() if department in CONFIGURED}
PERSONAS = ("entrepreneur", "resident", "parent", "officer", "manager", "operator", "busy")


def entries(viewer: Any, domain: str) -> int:
    """How much of a domain an answer holds."""
    part = viewer[domain]
    if domain == "taxAccount":
        return len(part["obligations"] or ())
    return 1 if domain == "civilRecord" else len(part["nodes"])


def present(viewer: Any) -> set[str]:
    return {DOMAINS[domain] for domain in DOMAINS if viewer[domain] is not None and entries(viewer, domain)}


@under_both
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_persona_sees_five_domains(shared: Client, persona: str) -> None:
    answer = shared.example("home-screen", persona)
    assert {error["extensions"]["code"] for error in answer.get("errors", ())} <= {"NOT_OFFERED"}
    assert present(answer["data"]["viewer"]) >= NEEDED
    assert len(answer["extensions"]["traceId"]) == 32


@under_both
@pytest.mark.parametrize("first", [1, 50])
def test_one_call_per_department_however_long_the_lists_are(client: Client, sandbox: Sandbox, first: int) -> None:
    fields = " ".join(
        [
            "appointments(first: $first) { totalCount nodes { id startsAt officeName services { name } } }",
            "registrations(first: $first) { totalCount nodes { id kindName state } }",
            "complaints(first: $first) { totalCount nodes { id categoryName state } }",
            "taxAccount { obligations { period dueOn state } }",
            "civilRecord { name { full } birth { date { value } } }",
        ]
    )
    document = f"query ($first: Int!) {{ viewer {{ {fields} }} }}"
    viewer = client.ask(document, "busy", first=first)["data"]["viewer"]
    for domain in ("appointments", "registrations", "complaints"):
        if DOMAINS[domain] in CONFIGURED:
            assert (viewer[domain]["totalCount"], len(viewer[domain]["nodes"])) == (50, first)
    if "taxation" in CONFIGURED:
        assert len(viewer["taxAccount"]["obligations"]) == 50
    assert sandbox.calls() == dict.fromkeys(NEEDED, 1)


def test_a_warm_cache_calls_nobody(client: Client, sandbox: Sandbox) -> None:
    cold = client.example("home-screen", "resident")
    sandbox.forget_calls()
    warm = client.example("home-screen", "resident")
    assert warm["data"] == cold["data"]
    assert sandbox.calls() == {}


@under_both
def test_nobody_is_served_anothers_cached_answer(client: Client) -> None:
    first, second = (client.example("home-screen", persona)["data"] for persona in ("resident", "parent"))
    again = [client.example("home-screen", persona)["data"] for persona in ("resident", "parent")]
    assert again == [first, second]
    assert first != second


@under_both
def test_steps_of_fifty_complaints_take_one_more_call(client: Client, sandbox: Sandbox) -> None:
    if "hotline" not in CONFIGURED:
        pytest.skip("the hotline is not configured")
    complaints = client.data("complaints", "busy", first=50)["viewer"]["complaints"]["nodes"]
    assert len(complaints) == 50
    assert all(complaint["updates"] for complaint in complaints)
    assert sandbox.calls() == {"hotline": 2}


@under_both
def test_both_languages_reach_the_departments(shared: Client) -> None:
    by_locale = {locale: shared.ask("{ services { nodes { name } } }", locale=locale) for locale in ("zh-CN", "en")}
    if "service_centre" in CONFIGURED:
        chinese, english = (by_locale[locale]["data"]["services"]["nodes"][0]["name"] for locale in by_locale)
        assert not chinese.isascii()
        assert english.isascii()
