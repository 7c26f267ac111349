"""The compiled executor and graphql-core's answer alike, whole processes in front of one city."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import EXAMPLES, Client, Sandbox, serving

QUERIES = sorted(path.stem for path in EXAMPLES.glob("*.graphql") if "\nmutation" not in path.read_text("utf-8"))
BROKEN = {
    "a page too large": "{ services(first: 101) { totalCount } viewer { complaints(first: -1) { totalCount } } }",
    "an id of nothing": '{ first: node(id: "!") { id } second: node(id: "T2ZmaWNlOm5vbmU") { __typename id } }',
    "a conditional selection": "query ($yes: Boolean = true) { departments { name @skip(if: $yes) title } }",
}


@pytest.fixture(scope="module")
def both(running_city: SandboxCity) -> Iterator[tuple[Client, Client]]:
    """Compiled, and not; neither keeps whole answers, so that each asking is an execution."""
    sandbox = Sandbox(running_city)
    sandbox.reset()
    apart = {"CITYGATE_ANSWER_BYTES": "0"}
    with (
        serving(running_city, CITYGATE_COMPILE="true", **apart) as compiled,
        serving(running_city, CITYGATE_COMPILE="false", **apart) as reference,
    ):
        yield Client(compiled, sandbox), Client(reference, sandbox)


def answers(client: Client, document: str, persona: str | None, variables: dict[str, Any]) -> list[str]:
    """Three answers in the order of their keys; what says when a department was asked is left out."""
    found = [client.ask(document, persona, **variables) for _ in range(3)]
    return [json.dumps(plain(answer)) for answer in found]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        told = ("asOf", "cached", "traceId", "timestamp")
        return {key: None if key in told else plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("persona", ["busy", None])
@pytest.mark.parametrize("name", QUERIES)
def test_examples_are_answered_alike(both: tuple[Client, Client], name: str, persona: str | None) -> None:
    document = (EXAMPLES / f"{name}.graphql").read_text("utf-8")
    variables = slots_of(both[1]) if name == "free-slots" else {}
    compiled, reference = (answers(client, document, persona, variables) for client in both)
    assert compiled == reference


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN)
def test_errors_are_told_alike(both: tuple[Client, Client], document: str) -> None:
    compiled, reference = (answers(client, document, "busy", {}) for client in both)
    assert compiled == reference


def slots_of(client: Client) -> dict[str, Any]:
    """Where and when free slots can be asked for."""
    services = client.ask("{ services(first: 1) { nodes { id offices { id } } } }")["data"]["services"] or {"nodes": []}
    if not services["nodes"]:
        pytest.skip("no department offers services")
    (service,), today = services["nodes"], datetime.now(UTC).date()
    until = today + timedelta(days=21)
    office = service["offices"][0]["id"]
    return {"office": office, "services": [service["id"]], "from": today.isoformat(), "to": until.isoformat()}
