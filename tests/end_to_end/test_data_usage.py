"""Who saw what, through a real gateway: a person reads it, a command verifies it, and a kill breaks nothing."""

from __future__ import annotations

import http.client
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from gateway.commands.audit import audit as command
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, EXAMPLES, Sandbox, address_in, serving, started

pytestmark = pytest.mark.skipif(len(CONFIGURED) < 6, reason="a department is not configured")

USAGE = """query Usage($for: ID, $first: Int, $after: String) { viewer(onBehalfOf: $for) {
  dataUsage(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
    times kind actor basis client operation traceIds purpose { code title }
    data { department departmentTitle operations fields cached } } } } }"""


class Asker:
    """One persona on one kept connection, so that the same request is the same bytes."""

    def __init__(self, address: str, sandbox: Sandbox, persona: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        self._token = sandbox.token(persona)

    def ask(self, document: str, locale: str = "en", **variables: Any) -> Any:
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
            "accept-language": locale,
        }
        body = json.dumps({"query": document, "variables": variables}).encode()
        self._connection.request("POST", "/graphql", body, headers)
        with self._connection.getresponse() as answer:
            return json.loads(answer.read())

    def close(self) -> None:
        self._connection.close()

    def usage(self, locale: str = "en", **variables: Any) -> Any:
        found = self.ask(USAGE, locale, **variables)
        assert "errors" not in found, found["errors"]
        return found["data"]["viewer"]["dataUsage"]


AsPersona = Callable[[str, str], Asker]


@pytest.fixture
def asks(sandbox: Sandbox) -> Iterator[AsPersona]:
    """Asks a gateway, by its address, as a persona."""
    with ExitStack() as stack:
        yield lambda address, persona: stack.enter_context(closing(Asker(address, sandbox, persona)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def address(running_city: SandboxCity, folder: Path) -> Iterator[str]:
    """One gateway for the tests of several persons, each of whom only one test is about."""
    Sandbox(running_city).reset()
    with serving(running_city, CITYGATE_DATA_FOLDER=str(folder)) as address:
        yield address


def audit(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    done = CliRunner().invoke(command, arguments)
    return done.exit_code, done.output


def test_a_person_sees_every_use_of_the_home_screen_by_department_and_field(
    address: str, asks: AsPersona, folder: Path
) -> None:
    resident = asks(address, "resident")
    home = (EXAMPLES / "home-screen.graphql").read_text("utf-8")
    traces = [resident.ask(home)["extensions"]["traceId"] for _ in range(5)]
    found = settled(resident, 5)
    assert sum(one["times"] for one in found) == 5
    assert [trace for one in found for trace in reversed(one["traceIds"])] == traces[::-1]
    made = found[-1]
    assert {one["department"] for one in made["data"]} >= {"taxation", "civil_affairs", "hotline"}
    assert not any(one["cached"] for one in made["data"])
    assert all(one["cached"] for kept in found[:-1] for one in kept["data"]), "all but the first were kept"
    civil = next(one for one in made["data"] if one["department"] == "civil_affairs")
    assert civil["departmentTitle"] == "Civil Affairs Bureau"
    assert civil["operations"] == ["persons.by_id"]
    assert {"Viewer.civilRecord", "PersonName.full"} <= set(civil["fields"])
    assert (made["actor"], made["basis"], made["kind"], made["client"]) == (None, "SELF", "READ", "citygate-sandbox")
    assert made["purpose"] == {"code": "own_use", "title": "The person's own use of a service"}
    (chinese,) = resident.usage("zh-CN", first=1)["nodes"]
    assert chinese["purpose"]["title"] == "本人查询或办理"
    assert asks(address, "parent").usage()["totalCount"] == 0, "what is another's is not shown"
    stored = b"".join(file.read_bytes() for file in folder.glob("audit.db*") if file.suffix != ".key")
    assert b"CivilRecord" in stored
    assert b"100000022" not in stored, "the person's number is in no file"


def settled(asker: Asker, times: int, **variables: Any) -> list[Any]:
    """The person's entries, once the last use is among them: they are written every tenth of a second."""
    until = time.monotonic() + 20
    while True:
        nodes: list[Any] = asker.usage(**variables)["nodes"]
        if sum(one["times"] for one in nodes) >= times:
            return nodes
        assert time.monotonic() < until, f"{times} uses are not in the log: {nodes}"
        time.sleep(0.02)


def test_who_acts_is_named_to_whom_they_act_for(address: str, asks: AsPersona) -> None:
    parent = asks(address, "parent")
    children = parent.ask("{ viewer { mandates { id basis } } }")["data"]["viewer"]["mandates"]
    child = next(one["id"] for one in children if one["basis"] == "PARENT")
    seen = parent.ask("query($for: ID!) { viewer(onBehalfOf: $for) { civilRecord { age } } }", **{"for": child})
    assert seen["data"]["viewer"]["civilRecord"]["age"] is not None
    (one, *_) = settled(parent, 1, **{"for": child})
    assert (one["basis"], one["kind"], one["purpose"]["code"]) == ("PARENT", "READ", "representation")
    assert one["actor"] not in (None, ""), "the parent is named"
    assert one["data"][0]["fields"] == ["CivilRecord.age", "Viewer.civilRecord"]
    own = settled(parent, 2)
    assert {one["kind"] for one in own} == {"READ", "CHECK"}
    check = next(one for one in own if one["kind"] == "CHECK")
    assert check["purpose"]["code"] == "mandate_check"
    assert {one["department"] for one in check["data"]} == {"civil_affairs", "market_regulation"}
    assert all("CivilRecord" not in field for one in own for data in one["data"] for field in data["fields"])


def test_an_order_is_seen_and_an_anonymous_one_is_nobody_s(address: str, asks: AsPersona) -> None:
    resident = asks(address, "entrepreneur")
    file = """mutation File($anonymous: Boolean!) { fileComplaint(input: { categoryCode: "%s", anonymous: $anonymous,
      description: "A cover is missing", address: "Luoyu Road 1" }) { complaint { state } problems { code } } }"""
    categories = resident.ask("{ complaintCategories { code } }")["data"]["complaintCategories"]
    code = categories[0]["code"]
    for anonymous in (True, False):
        done = resident.ask(file % code, anonymous=anonymous)
        assert done["data"]["fileComplaint"]["problems"] == [], done
    (one,) = settled(resident, 1)
    assert (one["kind"], one["operation"]) == ("ORDER", "File")
    assert one["data"][0]["operations"] == ["complaints.file"]
    assert "Complaint.state" in one["data"][0]["fields"]


def test_pages_of_the_list_and_what_is_no_cursor(address: str, asks: AsPersona) -> None:
    officer = asks(address, "officer")
    for field in ("number", "kind"):
        officer.ask(f"{{ viewer {{ household {{ {field} }} }} }}")
    settled(officer, 2)
    first = officer.usage(first=1)
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    second = officer.usage(first=1, after=first["pageInfo"]["endCursor"])
    assert second["nodes"][0]["data"][0]["fields"] == ["Household.number", "Viewer.household"]
    assert second["pageInfo"]["hasNextPage"] is False
    wrong = officer.ask(USAGE, after="none")
    assert wrong["errors"][0]["extensions"]["code"] == "INVALID_PAGE"


def test_a_command_verifies_the_log_after_a_kill_and_names_what_was_changed(
    running_city: SandboxCity, asks: AsPersona, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYGATE_DATA_FOLDER", str(tmp_path))
    process = started(running_city, CITYGATE_DATA_FOLDER=str(tmp_path))
    try:
        resident = asks(address_in(process), "resident")
        for number, field in enumerate(("number", "kind"), 1):
            resident.ask(f"{{ viewer {{ household {{ {field} }} }} }}")
            settled(resident, number)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    status, said = audit("verify")
    assert (status, said.splitlines()[0]) == (0, "The access log holds: 2 entries.")
    assert audit("verify", "--expect", said.split()[-1])[0] == 0
    assert audit("verify", "--expect", "2:" + "0" * 64)[0] == 1
    shown = audit("show", "100000022", "--last", "1")[1].splitlines()[0]
    assert json.loads(shown)["what"]["data"][0]["fields"] == ["Household.kind", "Viewer.household"]
    with closing(sqlite3.connect(tmp_path / "audit.db")) as database, database:
        database.execute("UPDATE citygate_access SET times = 2 WHERE seq = 2")
    status, said = audit("verify")
    assert status == 1
    assert "entry 2" in said
