"""What the app developer's page shows, a real gateway in front of a real city answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from adapters.contract.city import StaleRead, Uses
from gateway.freshness import freshness
from resolvers.common import problems
from sandbox.launch import SandboxCity
from sandbox.personas import PERSONAS
from tests.docs.pages import DOCS, blocks, code_in, table
from tests.end_to_end.gateway import CONFIGURED, EVERY_CALL, Client, Sandbox, configured, serving

PAGE = DOCS / "app-developers.md"
GRAPHQL = {block.text.split()[1].partition("(")[0]: block.text for block in blocks(PAGE, "graphql")}
HOME, COMPLAINTS, FILE_INPUT, FILE, PARTIAL, OLD = (json.loads(block.text) for block in blocks(PAGE, "json"))
ASKED = "{ viewer { complaints { totalCount } } }"
SLOW_BUT_ANSWERED = "the answer, a second later"
pytestmark = pytest.mark.skipif(
    not {"hotline", "service_centre"} <= CONFIGURED, reason="the page's examples ask the hotline and the service centre"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    config = configured(tmp_path_factory.mktemp("config"), EVERY_CALL)
    with SandboxCity() as city, serving(city, "--config", str(config)) as address:
        yield Client(address, Sandbox(city))


@pytest.fixture
def sandbox(client: Client) -> Iterator[Sandbox]:
    """The city's controls; everything is as at the start again afterwards."""
    yield client.sandbox
    client.sandbox.reset()


def shape(value: Any) -> Any:
    """A value with its texts and numbers left out."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def test_home(client: Client) -> None:
    answer = client.ask(GRAPHQL["Home"], "parent")
    assert shape(answer) == shape(HOME)
    assert answer["data"]["viewer"]["name"] == HOME["data"]["viewer"]["name"]


def test_a_list_and_an_id_of_it(client: Client) -> None:
    answer = client.ask(GRAPHQL["Complaints"], "busy")
    assert shape(answer["data"]) == shape(COMPLAINTS["data"])
    page = answer["data"]["viewer"]["complaints"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (50, True)
    after = page["pageInfo"]["endCursor"]
    following = client.ask(GRAPHQL["Complaints"], "busy", after=after)["data"]["viewer"]["complaints"]
    assert following["nodes"][0]["id"] not in [node["id"] for node in page["nodes"]]
    one = page["nodes"][0]["id"]
    assert client.ask(GRAPHQL["Again"], "busy", id=one)["data"]["node"]["complaintState"]
    assert client.ask(GRAPHQL["Again"], "resident", id=one)["data"] == {"node": None}, "another person's"


def test_problems_and_a_repeated_order(client: Client, sandbox: Sandbox) -> None:
    assert client.ask(GRAPHQL["File"], "resident", **FILE_INPUT)["data"] == FILE["data"]
    mended = {**FILE_INPUT["input"], "description": "The street light is out.", "address": "关山大道1号"}
    first, again = (client.ask(GRAPHQL["File"], "resident", input=mended)["data"]["fileComplaint"] for _ in range(2))
    assert first["complaint"]
    assert first == again
    other = client.ask(GRAPHQL["File"], "resident", input={**mended, "address": "2"})["data"]["fileComplaint"]
    assert [problem["code"] for problem in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]


def test_a_partial_answer(client: Client, sandbox: Sandbox) -> None:
    sandbox.misbehave("hotline", kind="hang")
    answer = client.ask(GRAPHQL["Home"], "entrepreneur")
    (error,), (shown,) = answer["errors"], PARTIAL["errors"]
    for one in (error, shown):
        del one["extensions"]["traceId"], one["locations"]
    assert error == shown
    assert answer["data"]["viewer"]["complaints"] is None
    assert answer["data"]["viewer"]["appointments"]["nodes"]


def test_a_line_about_something_old() -> None:
    uses, as_of = Uses(), datetime.fromisoformat(OLD["asOf"])
    read = StaleRead(department=OLD["department"], operation=OLD["operation"], as_of=as_of, reason=OLD["reason"])
    uses.note_stale(read)
    (line,) = freshness(uses)["freshness"]
    assert {**line, "age": OLD["age"]} == OLD


SCENARIOS = sorted(table(PAGE, "scenario"), key=lambda row: row[1] == SLOW_BUT_ANSWERED)
"""The answered one last: from then on the gateway has kept something."""


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: row[0])
def test_a_scenario(client: Client, sandbox: Sandbox, row: list[str]) -> None:
    sandbox.misbehave("hotline", **json.loads(code_in(row[0])[0]))
    answer = client.ask(ASKED, "officer")
    if row[1] == SLOW_BUT_ANSWERED:
        assert "errors" not in answer
        return
    code, *further = code_in(row[1])
    assert answer["errors"][0]["extensions"]["code"] == code
    assert {name for name in further if "_" not in name} <= answer["errors"][0]["extensions"].keys()


def test_a_lost_answer_of_a_department_that_knows_no_references(client: Client, sandbox: Sandbox) -> None:
    document = """mutation ($input: AppointmentInput!) {
      cancelAppointment(input: $input) { problems { code } } }"""
    listed = client.ask("{ viewer { appointments { nodes { id } } } }", "manager")
    sandbox.misbehave("service_centre", kind="lost_answer")
    one = listed["data"]["viewer"]["appointments"]["nodes"][0]["id"]
    answer = client.ask(document, "manager", input={"appointmentId": one})
    assert answer["errors"][0]["extensions"]["code"] == "SVC_AMBIGUOUS"


def test_the_personas_are_the_sandbox_s() -> None:
    assert [code_in(row[0])[0] for row in table(PAGE, "persona")] == list(PERSONAS)


def test_the_problems_are_the_gateway_s() -> None:
    documented = {code for row in table(PAGE, "problem") for code in code_in(row[0])}
    assert documented == {*problems._MESSAGES, "IDEMPOTENCY_KEY_REUSED"}
