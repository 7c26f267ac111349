"""Checks every answer, then measures in interleaved rounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import cycle
from os import getpid
from typing import Any

import uvloop

from bench import city, processes
from bench.load import Ask, Pass, WrongAnswer, run
from bench.machine import cores, cpu_seconds, every_core, family, here, resident_mib
from bench.subjects import Subject
from bench.workloads import Workload

CONNECTIONS = 32
CHECK_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how often; `requests` bounds a round beside `seconds`. Many short rounds in turn are better than few
    long ones: what else the machine does then falls on all alike.

    The rounds are shared by so many `processes` of each subject, one after the other. Two of the same tree differ by up
    to a tenth in what a request costs, as their memory happens to lie, and no number of rounds makes up for that.
    """

    rounds: int = 9
    seconds: float = 1.5
    requests: int = 100_000
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """A workload, cold or from a hot cache, on a subject.

    `persons` is how many take turns on a connection, 0 for what the mode needs. Cold, that is so many that the smallest
    store has lost each before they come again; hot, one, so that a turn of everybody before each round warms the cache.
    `pinned` keeps the subject away from the load, each on a core.
    """

    workload: Workload
    subject: Subject
    hot: bool = False
    persons: int = 0
    pinned: bool = True

    @property
    def name(self) -> str:
        """Such as `citygate phone-screen hot`."""
        return f"{self.subject.name} {self.workload.name} {'hot' if self.hot else 'cold'}"

    @property
    def turns(self) -> int:
        """How many persons take turns on a connection."""
        return self.persons or (1 if self.hot else 4)


@dataclass(frozen=True, slots=True)
class Round:
    """One measured round. CPU is in seconds, latencies in milliseconds; `errors` is 0, for an error ends the run.

    `busiest_cpu` is that of the subject's busiest process.
    """

    requests: int
    seconds: float
    gateway_cpu: float
    busiest_cpu: float
    load_cpu: float
    upstream_calls: int
    p50: float
    p95: float
    p99: float
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """All rounds of a case, and the most memory that the subject held at their end."""

    case: Case
    rounds: tuple[Round, ...]
    resident_mib: float


@dataclass(frozen=True, slots=True)
class Stand:
    """A case that is set up: its processes, everybody's ask, and the endless line of asks of each connection.

    The lines go on where the pass before has left them: who comes next was not served lately.
    """

    case: Case
    departments: processes.Departments
    serving: processes.Serving
    asks: Sequence[Ask]
    lanes: Sequence[Iterator[Ask]]

    def bear(self, load: Pass, seconds: float) -> Pass:
        """Put load on the subject. Raises: what `bench.load.run` raises."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(self.serving.addresses, self.lanes, load, seconds))
        return load

    def resident_mib(self) -> float:
        """The memory that the subject holds now."""
        return resident_mib(family(self.serving.pids))


def measure(cases: Sequence[Case], plan: Plan, say: Callable[[str], None]) -> list[Measured]:
    """Measure the cases in turn, round by round and every other time in reverse; `say` hears of the progress.

    Raises: WrongAnswer, processes.NotStarted, TimeoutError, OSError.
    """
    rounds: list[list[Round]] = [[] for _ in cases]
    memory = [0.0 for _ in cases]
    for process in range(plan.processes):
        with ExitStack() as stack:
            stands = [stack.enter_context(standing(case, say)) for case in cases]
            for number in range(process, plan.rounds, plan.processes):
                say(f"round {len(rounds[0]) + 1} of {plan.rounds}")
                for at in range(len(cases))[:: -1 if number % 2 else 1]:
                    rounds[at].append(one_round(stands[at], plan))
            memory = [max(held, stand.resident_mib()) for held, stand in zip(memory, stands, strict=True)]
    return [Measured(case, tuple(each), held) for case, each, held in zip(cases, rounds, memory, strict=True)]


@contextmanager
def standing(case: Case, say: Callable[[str], None]) -> Iterator[Stand]:
    """Set a case up and check everybody's answer; meanwhile this process is on the load's core.

    Raises: WrongAnswer, processes.NotStarted, TimeoutError, OSError.
    """
    subject_cores, load_cores = cores() if case.pinned else every_core()
    with ExitStack() as stack:
        stack.enter_context(here(load_cores))
        departments = stack.enter_context(processes.departments(case.workload.rows, load_cores))
        serving = stack.enter_context(case.subject.serving(departments, subject_cores, hot=case.hot))
        tokens = departments.tokens(CONNECTIONS * case.turns)
        asks = [Ask(request(case, city.person(index), token)) for index, token in enumerate(tokens)]
        stand = Stand(case, departments, serving, asks, [cycle(asks[lane::CONNECTIONS]) for lane in range(CONNECTIONS)])
        say(f"{case.name}: checking {len(asks)} answers")
        check(stand)
        yield stand


def request(case: Case, person: str, token: str) -> bytes:
    """What a person sends for a case's workload to its subject."""
    body = json.dumps({"query": case.workload.query}).encode()
    head = {
        "host": "citygate.example",
        "authorization": f"Bearer {token}",
        "accept": "application/graphql-response+json",
        "accept-language": "en",
        "content-type": "application/json",
        "content-length": str(len(body)),
        **case.subject.headers(person),
    }
    lines = ("POST /graphql HTTP/1.1", *(f"{name}: {value}" for name, value in head.items() if value), "", "")
    return "\r\n".join(lines).encode() + body


def check(stand: Stand) -> None:
    """Ask everybody's question once, and hold the answer against the reference.

    Raises: WrongAnswer with the subject and the person's number.
    """
    stand.bear(Pass(turns=stand.case.turns), seconds=CHECK_SECONDS)
    for index, ask in enumerate(stand.asks):
        person = city.person(index)
        ask.answer = checked(ask.seen, stand.case.workload.expected(person), person)


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


def one_round(stand: Stand, plan: Plan, watched: AbstractContextManager[None] | None = None) -> Round:
    """A turn of everybody, and then the measured pass, `watched`. Raises: WrongAnswer, TimeoutError, OSError."""
    stand.bear(Pass(turns=1), seconds=CHECK_SECONDS)
    loaders, subject = (getpid(), stand.departments.pid), family(stand.serving.pids)
    calls = stand.departments.calls()
    subject_before, load_before = cpu_seconds(subject), cpu_seconds(loaders)
    with watched or nullcontext():
        load = stand.bear(Pass(most=plan.requests), seconds=plan.seconds)
    spent = [after - before for before, after in zip(subject_before, cpu_seconds(subject), strict=True)]
    latencies = sorted(1000 * each for each in load.latencies)
    return Round(
        requests=len(latencies),
        seconds=load.seconds,
        gateway_cpu=sum(spent),
        busiest_cpu=max(spent),
        load_cpu=sum(cpu_seconds(loaders)) - sum(load_before),
        upstream_calls=stand.departments.calls() - calls,
        p50=percentile(latencies, 0.50),
        p95=percentile(latencies, 0.95),
        p99=percentile(latencies, 0.99),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that a share, from 0 to 1, of ascending values does not exceed."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
