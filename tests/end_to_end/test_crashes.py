"""The gateway is killed at random instants while people order: nothing is lost, and nothing happens twice.

`CITYGATE_CRASH_ORDERS=1000 pytest tests/end_to_end/test_crashes.py` orders so often; `CITYGATE_CRASH_SEED` chooses when
it is killed.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gateway.settings import ROOT
from sandbox.launch import SandboxCity
from tests.end_to_end.crashes import PERSONAS, Books, Mortal, play
from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox
from tests.servers.postgres import postgres_schema, postgres_url

__all__ = ["postgres_schema", "postgres_url"]
NEEDED = {"hotline", "market_regulation", "public_security", "taxation"}
ORDERS = int(os.environ.get("CITYGATE_CRASH_ORDERS", "48"))
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
    assert gateway.deaths > 3, "it was hardly ever killed"


def settle(books: Books) -> None:
    """Wait until nothing is pending."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        statuses = {one["status"] for persona in PERSONAS.values() for one in books.filings(persona)}
        if "PENDING" not in statuses:
            assert statuses <= {"DELIVERED", "REFUSED"}, statuses  # one was refused: the form with gaps
            return
        time.sleep(0.5)
    raise AssertionError("orders are pending for ever")


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
