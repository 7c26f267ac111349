"""Checks every answer, then measures in interleaved rounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from os import getpid
from pathlib import Path
from typing import Any

import uvloop

from bench import city, processes
from bench.load import Ask, Pass, WrongAnswer, run
from bench.machine import cores, cpu_seconds, pin, resident_mib
from bench.workloads import Workload

CONNECTIONS = 32
CHECK_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how often; `requests` bounds a round beside `seconds`."""

    rounds: int = 5
    seconds: float = 3.0
    requests: int = 100_000
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A workload, cold or from a hot cache, on the gateway of a source tree."""

    workload: Workload
    hot: bool
    tree: Path

    @property
    def name(self) -> str:
        """Such as `phone-screen hot`."""
        return f"{self.workload.name} {'hot' if self.hot else 'cold'}"

    @property
    def turns(self) -> int:
        """How many persons take turns on a connection.

        Cold, so many that the smallest store has lost each before they come again; hot, one, so that a turn of
        everybody before each round finds all in the cache.
        """
        return 1 if self.hot else 4


@dataclass(frozen=True, slots=True)
class Round:
    """One measured round. CPU is in seconds, latencies in milliseconds; `errors` is 0, for an error ends the run."""

    requests: int
    seconds: float
    gateway_cpu: float
    load_cpu: float
    upstream_calls: int
    p50: float
    p95: float
    p99: float
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """All rounds of a case, and the memory that the gateway held at their end."""

    case: Case
    rounds: tuple[Round, ...]
    resident_mib: float


@dataclass(frozen=True, slots=True)
class _Stand:
    """A case that is set up: its processes, everybody's ask, and the endless line of asks of each connection.

    The lines go on where the pass before has left them: who comes next was not served lately.
    """

    case: Case
    departments: processes.Departments
    gateway: processes.Gateway
    asks: Sequence[Ask]
    lanes: Sequence[Iterator[Ask]]

    def bear(self, load: Pass, seconds: float) -> Pass:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(self.gateway.address, self.lanes, load, seconds))
        return load


def measure(cases: Sequence[Case], plan: Plan, say: Callable[[str], None]) -> list[Measured]:
    """Measure the cases in turn, round by round; `say` hears of the progress.

    Raises: WrongAnswer, processes.NotStarted, TimeoutError, OSError.
    """
    pinned = cores()
    pin(0, pinned[1] if pinned else None)
    with ExitStack() as stack:
        stands = [stack.enter_context(_standing(case, plan, pinned)) for case in cases]
        for stand in stands:
            say(f"{stand.case.name}: checking {len(stand.asks)} answers")
            check(stand)
        rounds = []
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            rounds.append([_round(stand, plan) for stand in stands])
        memory = [resident_mib(stand.gateway.pid) for stand in stands]
    return [Measured(*each) for each in zip(cases, zip(*rounds, strict=True), memory, strict=True)]


@contextmanager
def _standing(case: Case, plan: Plan, pinned: tuple[int, int] | None) -> Iterator[_Stand]:
    gateway_core, load_core = pinned or (None, None)
    with ExitStack() as stack:
        departments = stack.enter_context(processes.departments(case.workload.rows, load_core))
        gateway = stack.enter_context(
            processes.gateway(case.tree, departments, gateway_core, hot=case.hot, profile=plan.profile)
        )
        tokens = departments.tokens(CONNECTIONS * case.turns)
        asks = [Ask(_request(case.workload.query, token)) for token in tokens]
        lanes = [cycle(asks[lane::CONNECTIONS]) for lane in range(CONNECTIONS)]
        yield _Stand(case, departments, gateway, asks, lanes)


def _request(query: str, token: str) -> bytes:
    body = json.dumps({"query": query}).encode()
    head = (
        "POST /graphql HTTP/1.1",
        "host: citygate.example",
        f"authorization: Bearer {token}",
        "accept: application/graphql-response+json",
        "accept-language: en",
        "content-type: application/json",
        f"content-length: {len(body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def check(stand: _Stand) -> None:
    """Ask everybody's question once, and hold the answer against the reference.

    Raises: WrongAnswer with the person's number.
    """
    stand.bear(Pass(turns=stand.case.turns), seconds=CHECK_SECONDS)
    for index, ask in enumerate(stand.asks):
        person = city.person(index)
        expected = stand.case.workload.expected(person)
        ask.answer = checked(ask.seen, expected, person)


def checked(body: bytes, expected: Any, person: str) -> bytes:
    """The part of a right answer that comes again: all before its `extensions`, which name the trace.

    Raises: WrongAnswer.
    """
    answer = json.loads(body) if body else {}
    if answer.get("errors"):
        raise WrongAnswer(f"person {person}: {json.dumps(answer['errors'][:3], ensure_ascii=False)}")
    if answer.get("data") != expected:
        raise WrongAnswer(f"person {person}: not the reference's data: {json.dumps(answer.get('data'))[:300]}")
    constant, found, _ = body.rpartition(b',"extensions":')
    return constant if found else body


def _round(stand: _Stand, plan: Plan) -> Round:
    stand.bear(Pass(turns=1), seconds=CHECK_SECONDS)
    loaders = (getpid(), stand.departments.pid)
    calls = stand.departments.calls()
    gateway_cpu, load_cpu = cpu_seconds([stand.gateway.pid]), cpu_seconds(loaders)
    load = stand.bear(Pass(most=plan.requests), seconds=plan.seconds)
    spent = cpu_seconds([stand.gateway.pid]) - gateway_cpu
    latencies = sorted(1000 * each for each in load.latencies)
    return Round(
        requests=len(latencies),
        seconds=load.seconds,
        gateway_cpu=spent,
        load_cpu=cpu_seconds(loaders) - load_cpu,
        upstream_calls=stand.departments.calls() - calls,
        p50=_percentile(latencies, 0.50),
        p95=_percentile(latencies, 0.95),
        p99=_percentile(latencies, 0.99),
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
