"""The registers' own logs come back to the person: what this gateway has asked them, nobody else's, each by itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from adapters.runtime.registry import manifest_of
from sandbox.personas import PERSONAS
from tests.end_to_end.gateway import CONFIGURED, Client, call
from tests.end_to_end.test_cost import told
from tests.end_to_end.test_data_usage import USAGE
from tests.end_to_end.test_orders import needs

KEEPING = {name for name in CONFIGURED if "usage.of_person" in manifest_of(name).provides}
READS = {
    department: field
    for department, field in {
        "civil_affairs": "civilRecord { secret }",
        "market_regulation": "registrations { totalCount }",
        "public_security": "household { kind }",
    }.items()
    if department in KEEPING
}
"""What asks a register about a person."""
LOGS = """query Logs($for: ID) { viewer(onBehalfOf: $for) { registerLogs { department departmentTitle uses(first: 100) {
  totalCount nodes { loggedAt action receiverCode receiverName receiverSystem } source { department } } } } }"""

pytestmark = pytest.mark.skipif(not READS, reason="no department keeps a log")


def logs(client: Client, persona: str, **variables: Any) -> dict[str, Any]:
    """The person's logs by department, of which each answers."""
    answer = client.ask(LOGS, persona, **variables)
    assert "errors" not in answer, answer["errors"]
    return {one["department"]: one["uses"] for one in answer["data"]["viewer"]["registerLogs"]}


def read_all(client: Client, persona: str) -> None:
    answer = client.ask(f"{{ viewer {{ {' '.join(READS.values())} }} }}", persona)
    assert "errors" not in answer, answer["errors"]


def written(client: Client, department: str, person: str) -> list[tuple[datetime, str]]:
    """What a register really has about a person, newest first."""
    found = call(f"{client.sandbox.city.addresses[department]}/_sandbox/usage?subject={person}")["usages"]
    return [(datetime.fromisoformat(one["logtime"]), one["receiverCode"]) for one in reversed(found)]


def shown(uses: Mapping[str, Any]) -> list[tuple[datetime, str]]:
    return [(datetime.fromisoformat(one["loggedAt"]), one["receiverCode"]) for one in uses["nodes"]]


def test_what_the_gateway_asked_comes_back_to_the_person_and_nobody_else_s(ordering: Client) -> None:
    personas = ("resident", "parent")
    before = {persona: logs(ordering, persona) for persona in personas}
    assert before["resident"].keys() == KEEPING
    for times, persona in enumerate(personas):
        for _ in range(times + 1):  # a kept record is no use of the register's
            read_all(ordering, persona)
    for persona in personas:
        found = logs(ordering, persona)
        for department in READS:
            grown = found[department]["totalCount"] - before[persona][department]["totalCount"]
            assert grown == 1, f"{department} has noted {grown} uses of {persona}"
            assert shown(found[department]) == written(ordering, department, PERSONAS[persona].id)[:100]
            newest = found[department]["nodes"][0]
            assert newest["action"]
            assert newest["receiverCode"]
            assert found[department]["source"] == {"department": department}


@pytest.mark.parametrize("department", sorted(READS))
def test_one_that_does_not_answer_leaves_the_others(ordering: Client, department: str) -> None:
    ordering.sandbox.misbehave(department, kind="error")
    try:
        answer = ordering.ask(LOGS, "officer")
    finally:
        ordering.sandbox.behave()
    found = {one["department"]: one["uses"] for one in answer["data"]["viewer"]["registerLogs"]}
    assert {name for name, uses in found.items() if uses is None} == {department}
    (error,) = answer["errors"]
    assert error["path"] == ["viewer", "registerLogs", list(found).index(department), "uses"]
    told_of = {name: error["extensions"][name] for name in ("code", "department", "operation", "retryable")}
    code = f"{manifest_of(department).code}_UNAVAILABLE"
    assert told_of == {"code": code, "department": department, "operation": "usage.of_person", "retryable": True}


def test_each_costs_a_request_and_a_list_of_them_nothing(ordering: Client) -> None:
    _, cost = told(ordering, LOGS, "manager")
    assert cost == dict.fromkeys(KEEPING, 1)
    assert ordering.sandbox.calls() == cost
    _, cost = told(ordering, "{ viewer { registerLogs { department } } }", "manager")
    assert cost == {}


def test_the_access_log_has_it_as_any_other_use(ordering: Client) -> None:
    logs(ordering, "operator")
    uses: list[Any] = []
    until = time.monotonic() + 20
    while "Logs" not in {one["operation"] for one in uses}:  # it is written every tenth of a second
        assert time.monotonic() < until, f"the use is not in the log: {uses}"
        uses = ordering.ask(USAGE, "operator")["data"]["viewer"]["dataUsage"]["nodes"]
        time.sleep(0.02)
    (noted,) = (one for one in uses if one["operation"] == "Logs")
    assert {one["department"] for one in noted["data"]} == KEEPING
    for one in noted["data"]:
        assert (one["operations"], one["cached"]) == (["usage.of_person"], False)
        assert {"RegisterLog.uses", "RegisterUse.loggedAt", "RegisterUse.action"} <= set(one["fields"])


@needs("civil_affairs")
def test_a_parent_has_the_child_s_log_and_not_their_own_in_its_place(ordering: Client) -> None:
    mandates = ordering.ask("{ viewer { mandates { id basis } } }", "parent")["data"]["viewer"]["mandates"]
    child = {"for": next(one["id"] for one in mandates if one["basis"] == "PARENT")}
    record = "query ($for: ID) { viewer(onBehalfOf: $for) { civilRecord { secret } } }"

    def civil() -> Any:
        answer = ordering.ask(LOGS, "parent", **child)
        found = {one["department"]: one["uses"] for one in answer["data"]["viewer"]["registerLogs"]}
        refused = {error["extensions"]["department"] for error in answer.get("errors", ())}
        assert refused == {name for name, uses in found.items() if uses is None}
        assert refused == KEEPING & {"public_security"}, "which shows a log to the person alone"
        return found["civil_affairs"]

    before = civil()["totalCount"]
    ordering.ask(record, "parent", **child)
    newest = call(f"{ordering.sandbox.city.addresses['civil_affairs']}/_sandbox/usage")["usages"][-1]
    assert newest["subject"] != PERSONAS["parent"].id
    found = civil()
    assert found["totalCount"] == before + 1
    assert shown(found) == written(ordering, "civil_affairs", newest["subject"])
    assert shown(logs(ordering, "parent")["civil_affairs"]) == written(ordering, "civil_affairs", PERSONAS["parent"].id)
