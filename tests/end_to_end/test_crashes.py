"""The gateway is killed at random instants while people order: nothing is lost, and nothing happens twice.

`CITYGATE_CRASH_ORDERS=1000 pytest tests/end_to_end/test_crashes.py` orders so often; `CITYGATE_CRASH_SEED` chooses when
it is killed.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.settings import ROOT
from sandbox.launch import SandboxCity
from tests.end_to_end.crashes import MUTATIONS, PERSONAS, Books, Mortal, patient, play
from tests.end_to_end.gateway import CONFIGURED, PATIENCE, Client, Sandbox
from tests.servers.postgres import postgres_schema, postgres_url

__all__ = ["postgres_schema", "postgres_url"]
NEEDED = {"hotline", "market_regulation", "public_security", "taxation"}
ORDERS = int(os.environ.get("CITYGATE_CRASH_ORDERS", "16"))
SEED = int(os.environ.get("CITYGATE_CRASH_SEED", "7"))
pytestmark = [
    pytest.mark.skipif(not NEEDED <= CONFIGURED, reason="needs the four departments that take orders"),
    pytest.mark.timeout(120 + ORDERS * 4),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def gateway(request: pytest.FixtureRequest, running_city: SandboxCity, tmp_path: Path) -> Iterator[Mortal]:
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    environment = {"CITYGATE_DATA_FOLDER": str(tmp_path / "data")}
    if request.param == "postgresql":
        environment["CITYGATE_LEDGER"] = request.getfixturevalue("postgres_schema")
        with (config / "gateway.yaml").open("a") as file:
            file.write('ledger: { keys: ["plain:a key for tests only"] }\n')
    Sandbox(running_city).reset()
    gateway = Mortal(running_city, config, environment)
    yield gateway
    gateway.kill()


def test_each_order_is_in_the_departments_books_exactly_once(
    gateway: Mortal, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox(gateway.city)
    crowd = play(gateway, count=ORDERS // len(PERSONAS), seed=SEED)
    sandbox.behave()
    books = Books(Client(gateway.address, sandbox))
    settle(books)
    lost, twice = judge(books, crowd.told.before)
    waited = len(crowd.told.filings) - len(crowd.told.records)
    with capsys.disabled():
        print(
            f"\n{len(crowd.told.filings)} orders, {gateway.deaths} deaths of the gateway, {waited} were pending:"
            f" lost {lost}, duplicated {twice}"
        )
    assert (lost, twice) == (0, 0)
    assert gateway.deaths >= (ORDERS - 1) // 5, "it was hardly ever killed"


COMPLAINT = {"categoryCode": "manhole_cover", "description": "Left by the dead.", "address": "关山大道1号"}


@pytest.mark.parametrize("gateway", ["postgresql"], indirect=True)
def test_another_gateway_finishes_what_a_dead_one_left(gateway: Mortal) -> None:
    sandbox = Sandbox(gateway.city)
    other = Mortal(gateway.city, gateway.config, gateway.environment)
    gateway.live()
    other.live()
    try:
        sandbox.misbehave("hotline", kind="hang", operation="requests.file", times=1)
        # Whoever asked is gone, too: nobody repeats anything.
        client = Client(gateway.address, sandbox)
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(client.ask, MUTATIONS["complaint"], "resident", input=COMPLAINT)
            await_call(sandbox, "hotline", "requests.file")
            gateway.kill()
            assert asking.exception() is not None
        books = Books(Client(other.address, sandbox))
        settle(books, seconds=40)
        assert [one["status"] for one in books.filings("resident")] == ["DELIVERED"]
        assert books.count("complaint")["Left by the dead."] == 1
    finally:
        other.kill()


@pytest.mark.parametrize("gateway", ["sqlite"], indirect=True)
def test_a_client_who_hangs_up_cancels_nothing(gateway: Mortal) -> None:
    sandbox = Sandbox(gateway.city)
    gateway.live()
    client = Client(gateway.address, sandbox)
    body = json.dumps({"query": MUTATIONS["complaint"], "variables": {"input": COMPLAINT}}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {sandbox.token('resident')}"}
    sandbox.misbehave("hotline", kind="slow", seconds=1, operation="requests.file", times=1)
    host, port = gateway.address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    connection.request("POST", "/graphql", body, headers)
    await_call(sandbox, "hotline", "requests.file")
    connection.close()
    books = Books(client)
    settle(books, seconds=20)
    assert [one["status"] for one in books.filings("resident")] == ["DELIVERED"]
    assert sandbox.operations("hotline")["requests.file"] == 1, "it was sent once, and that was enough"
    assert books.count("complaint")["Left by the dead."] == 1


def await_call(sandbox: Sandbox, department: str, operation: str) -> None:
    """Wait until a department has been called."""
    patient(lambda: bool(sandbox.operations(department).get(operation)), seconds=PATIENCE)


def settle(books: Books, *, seconds: float = 90) -> None:
    """Wait until nothing is pending."""
    until = time.monotonic() + seconds
    for persona in PERSONAS.values():
        while "PENDING" in (statuses := {one["status"] for one in books.filings(persona)}):
            assert time.monotonic() < until, "orders are pending for ever"
            time.sleep(1)
        assert statuses <= {"DELIVERED", "REFUSED"}, statuses  # one was refused: the form with gaps


def judge(books: Books, before: Mapping[str, Counter[str]]) -> tuple[int, int]:
    """How many orders are not in the books, and how many are there more than once."""
    count = ORDERS // len(PERSONAS)
    lost = twice = 0
    for kind, expected in EXPECTED.items():
        new = books.count(kind) - before[kind]
        times = [new[expected(number)] for number in range(count)]
        lost += times.count(0)
        twice += sum(each > 1 for each in times)
    extracts = (books.count("extract") - before["extract"]).total()  # their list does not say what they are for
    return lost + max(0, count - extracts), twice + max(0, extracts - count)


EXPECTED: Mapping[str, Callable[[int], str]] = {
    "complaint": lambda number: f"complaint number {number:05}",
    "registration": lambda number: f"registration number {number:05}",
    "payment": lambda number: f"{1 + number / 100:.2f}",
}
