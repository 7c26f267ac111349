"""The chaos suite in short: each department in turn hangs, answers junk, slows and dies, then the store, under load.

`python -m bench chaos` is the long form, with two gateways, longer troubles, and figures.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.chaos.city import ISSUER, people
from bench.chaos.load import Gateway
from bench.chaos.play import AWAY, Plan, Play, Stage
from bench.chaos.question import DEPARTMENTS
from bench.chaos.trouble import HANGS, KILLED, Trouble
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, configured, serving
from tests.servers.valkey import own_server

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not {*DEPARTMENTS} <= CONFIGURED, reason="needs every department of the sandbox"),
]
IMPATIENT = {"breaker": {"failures": 3, "open_for": "200ms"}}
STEPS = ({"kind": "hang"}, {"kind": "junk"}, {"kind": "slow", "seconds": 0.1}, {"kind": "slow", "seconds": 0.3}, KILLED)
EVERYTHING = Trouble("everything", STEPS, 0.3, frozenset({"TIMED_OUT", "BAD_REPLY", "UNAVAILABLE"}))
"""What hangs is cut off by the death of the department; for the time limit there is another one."""
SILENT = Trouble(HANGS.name, HANGS.steps, 0.3, HANGS.kinds)
COMES_OF: dict[str, set[str]] = {EVERYTHING.name: {"BAD_REPLY", "UNAVAILABLE"}, SILENT.name: {"TIMED_OUT"}, AWAY: set()}
ASK = 120
"""More persons than there are questions: none of them is known yet."""


class Mortal:
    """A department of a sandbox city."""

    def __init__(self, city: SandboxCity, name: str) -> None:
        self._city, self._name = city, name

    def kill(self) -> None:
        os.kill(self._city.pid(self._name), signal.SIGKILL)
        self._city.stop(self._name)

    def start(self) -> None:
        self._city.start(self._name)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    config = configured(tmp_path / "config", IMPATIENT)
    with (
        own_server() as valkey,
        SandboxCity() as city,
        serving(city, "--config", str(config), store=valkey.url) as address,
    ):
        yield Stage(
            gateways=[Gateway("gateway", address)],
            departments={name: Mortal(city, name) for name in DEPARTMENTS},
            addresses=city.addresses,
            store=valkey,
            people=people(city.addresses[ISSUER], ASK),
        )


def test_whatever_befalls_a_department_the_others_are_answered_and_it_comes_back(stage: Stage) -> None:
    troubles = dict.fromkeys(DEPARTMENTS, (EVERYTHING,)) | {"hotline": (SILENT, EVERYTHING)}
    plan = Plan(rate=5, beside=0, calm=0.3, away=0.5, greet=False, troubles=troubles)
    found = asyncio.run(Play(stage, plan).run())
    assert not found.faults
    for one in found.troubles():
        (tally,) = one.tallies.values()
        assert tally.served == tally.asked > 0
        assert one.recovered is not None
        assert {code.partition("_")[2] for code in tally.codes} >= COMES_OF[one.trouble]
