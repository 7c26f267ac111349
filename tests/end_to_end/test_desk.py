"""The human desk's commands against a ledger that a real gateway wrote and goes on reading."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.__main__ import cli
from gateway.settings import ROOT
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox, serving

pytestmark = pytest.mark.skipif("hotline" not in CONFIGURED, reason="hotline is not configured")
FILE = """mutation ($input: FileComplaintInput!) { fileComplaint(input: $input) {
  complaint { id } problems { code } filing { reference status message nextAttemptAt departmentReference } } }"""
MINE = "{ viewer { filings { totalCount nodes { id reference status message operation departmentReference } } } }"
CATEGORY = "manhole_cover"
SECRET = "The street light in front of number 17 is out."


def desk(folder: Path, *arguments: str) -> tuple[int, str]:
    """The command's exit code and output; it opens the ledger anew, beside the gateway that has it open."""
    done = CliRunner().invoke(cli, ["desk", *arguments], env={"CITYGATE_DATA_FOLDER": str(folder)})
    return done.exit_code, done.output


@dataclass(frozen=True)
class Served:
    """A gateway that gives up soon, and where its ledger is."""

    client: Client
    folder: Path

    def desk(self, *arguments: str) -> tuple[int, str]:
        return desk(self.folder, *arguments)


@pytest.fixture(scope="module")
def served(running_city: SandboxCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("desk")
    for name in ("gateway.yaml", "departments.yaml"):
        (folder / name).write_text((ROOT / "config" / name).read_text())
    with (folder / "gateway.yaml").open("a") as file:
        file.write("ledger: { attempts: 2 }\n")
    sandbox = Sandbox(running_city)
    sandbox.reset()
    with serving(running_city, "--config", str(folder), CITYGATE_DATA_FOLDER=str(folder)) as address:
        yield Served(Client(address, sandbox), folder)


def filed(client: Client, key: str, *, locale: str = "en") -> Any:
    order = {"categoryCode": CATEGORY, "description": SECRET, "address": "关山大道1号", "idempotencyKey": key}
    answer = client.ask(FILE, "resident", locale=locale, input=order)
    assert "errors" not in answer, answer
    return answer["data"]["fileComplaint"]


def status(client: Client, reference: str) -> str:
    found = client.ask(MINE, "resident")["data"]["viewer"]["filings"]["nodes"]
    return next(str(one["status"]) for one in found if one["reference"] == reference)


def await_status(client: Client, reference: str, wanted: str) -> None:
    until = time.monotonic() + 20
    while (found := status(client, reference)) != wanted:
        assert time.monotonic() < until, f"{reference} is {found} and not {wanted}"
        time.sleep(0.2)


def test_an_order_from_pending_to_the_desk_and_on(served: Served) -> None:
    client, sandbox = served.client, served.client.sandbox
    sandbox.misbehave("hotline", kind="error", operation="requests.file")
    pending = filed(client, "one", locale="zh-CN")
    assert (pending["complaint"], pending["problems"]) == (None, [])
    assert pending["filing"]["status"] == "PENDING"
    assert "无需重复提交" in pending["filing"]["message"]
    assert pending["filing"]["nextAttemptAt"]
    reference = pending["filing"]["reference"]
    await_status(client, reference, "NEEDS_ATTENTION")
    again = filed(client, "one")
    assert (again["filing"]["reference"], again["filing"]["status"]) == (reference, "NEEDS_ATTENTION")

    code, listed = served.desk("list")
    assert (code, listed.count("CG-")) == (0, 1)
    assert "hotline  complaints.file" in listed
    assert "2 attempts  HOT_UNAVAILABLE" in listed
    code, shown = served.desk("show", reference)
    assert (code, SECRET in listed + shown) == (0, False), "nothing personal unless it is asked for"
    code, shown = served.desk("show", reference, "--order")
    assert (code, SECRET in shown) == (0, True)

    sandbox.behave()
    assert served.desk("retry", reference) == (0, f"{reference} is due now.\n")
    await_status(client, reference, "DELIVERED")
    delivered = filed(client, "one")
    assert delivered["complaint"]
    assert delivered["filing"]["departmentReference"]
    code, refused = served.desk("settle", reference, "not-delivered")
    assert (code, refused) == (1, f"Error: {reference} is delivered: that cannot be done now\n")
    assert served.desk("list") == (0, "0 orders.\n")


@pytest.mark.parametrize(("choice", "wanted"), [("delivered", "DELIVERED"), ("not-delivered", "NOT_DELIVERED")])
def test_an_operator_settles_an_order(served: Served, choice: str, wanted: str) -> None:
    client = served.client
    client.sandbox.misbehave("hotline", kind="maintenance", seconds=900)
    reference = filed(client, choice)["filing"]["reference"]
    assert served.desk("settle", reference, choice)[0] == 0
    client.sandbox.behave()
    assert status(client, reference) == wanted
    again = filed(client, choice)
    assert (again["complaint"], again["filing"]["status"]) == (None, wanted), "it is not sent behind their back"


def test_a_reference_that_is_none_is_refused(tmp_path: Path) -> None:
    assert desk(tmp_path, "show", "CG-NONE") == (1, "Error: there is no order CG-NONE\n")
    code, said = desk(tmp_path, "settle", "CG-NONE")
    assert (code, "{delivered|not-delivered}" in said) == (2, True)
