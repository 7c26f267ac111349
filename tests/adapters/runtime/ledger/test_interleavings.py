"""Whatever happens in whatever order, nothing is lost and nothing happens twice.

Two gateways share a ledger. Orders come, answers get lost, departments fail before or after they have acted, the ledger
goes away, processes die at any moment, time passes. In the end, when all is well again, each order is in the books
exactly once, or was refused, or is known not to be there, or is at the human desk.

`CITYGATE_LEDGER_STORIES=2000 pytest tests/adapters/runtime/ledger/test_interleavings.py` plays so many for each kind.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    Problem,
    Rejected,
    TimedOut,
    Unavailable,
    Unreachable,
)
from adapters.contract.filings import WithoutRecord
from adapters.contract.manifest import seconds
from adapters.contract.operations import Kind, Operation, Seen, SeenBy
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.contract import WAITING, Entry, State
from tests.adapters.runtime.ledger.conftest import Process
from tests.adapters.runtime.ledger.inline import Clock, Inline
from tests.adapters.runtime.notes import Note, Order, bind, caller

STORIES = int(os.environ.get("CITYGATE_LEDGER_STORIES", "30"))
FAULTS: dict[str, type[Exception]] = {
    "unreachable": Unreachable,
    "maintenance": Maintenance,
    "500": Unavailable,
    "broke": Interrupted,
    "timed out": TimedOut,
    "junk": BadReply,
    "fault": KeyError,
}
BEFORE = ("unreachable", "maintenance", "500", "broke", "timed out", "fault")
AFTER = ("500", "broke", "timed out", "junk", "fault")
KINDS: dict[str, dict[str, Any]] = {
    "by reference": {"idempotent_by": "our_reference", "deferrable": True},
    "by reference, now or never": {"idempotent_by": "our_reference", "lapses_after": "1h"},
    "by reference, at once": {"idempotent_by": "our_reference"},
    "by looking": {"read_back": "notes.of_person", "deferrable": True},
    "by looking, at once": {"read_back": "notes.of_person"},
    "by lapse": {"lapses_after": "30m"},
    "by nobody": {},
}


@dataclass(frozen=True)
class File:
    process: int
    person: str
    text: str
    key: str | None


@dataclass(frozen=True)
class Let:
    """Let one of the calls at the department go on: it acts or fails before it acts, and answers or fails after."""

    which: int
    before: str | None
    after: str | None
    refuse: bool


@dataclass(frozen=True)
class Die:
    process: int


@dataclass(frozen=True)
class Turn:
    process: int


@dataclass(frozen=True)
class Pass:
    seconds: float


@dataclass(frozen=True)
class Away:
    """The ledger does not answer so often."""

    times: int


processes = st.integers(0, 1)
steps = st.one_of(
    st.builds(
        File,
        process=processes,
        person=st.sampled_from(("ann", "bea")),
        text=st.sampled_from("xy"),
        key=st.sampled_from([None, "k", "l"]),
    ),
    st.builds(
        Let,
        which=st.integers(0, 3),
        before=st.sampled_from([None, None, *BEFORE]),
        after=st.sampled_from([None, None, *AFTER]),
        refuse=st.integers(0, 7).map(lambda n: n == 0),
    ),
    st.builds(Die, process=processes),
    st.builds(Turn, process=processes),
    st.builds(Pass, seconds=st.sampled_from([0.5, 2.0, 30.0, 2000.0])),
    st.builds(Away, times=st.integers(1, 3)),
)


class Department:
    """Keeps books. Where it knows references, a repeated one is answered with the first note.

    Notes that lapse are no longer in force after so many seconds: then the same order may be there anew.
    """

    def __init__(self, clock: Clock, *, knows_references: bool, lapse: float) -> None:
        self.clock, self.knows, self.lapse = clock, knows_references, lapse
        self.made: dict[str, float] = {}
        self.books: list[tuple[str | None, str, str]] = []
        self.refused: set[str] = set()
        self.waiting: list[asyncio.Future[Let]] = []
        self.well = False

    async def file(self, order: Order) -> Note:
        assert order.reference is not None
        person, text = order.text.split(":")
        let = await self._turn()
        if let.before:
            raise FAULTS[let.before]("before")
        known = self.knows and any(reference == order.reference for _, _, reference in self.books)
        if let.refuse and not known:
            self.refused.add(order.reference)
            raise Rejected("no", problems=(Problem("NO", "No."),))
        if not known:
            if self.clock.time - self.made.get(order.reference, self.clock.time) >= self.lapse:
                self.books = [one for one in self.books if one[2] != order.reference]
            self.books.append((person, text, order.reference))
            self.made[order.reference] = self.clock.time
        if let.after:
            raise FAULTS[let.after]("after")
        return Note(owner=person, key=order.reference, locale="en")

    async def of_person(self, keys: Any) -> Any:
        return {key: tuple(self.books) for key in keys}

    async def _turn(self) -> Let:
        if self.well:
            return Let(0, None, None, refuse=False)
        turn: asyncio.Future[Let] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        return await turn

    def let(self, step: Let) -> None:
        self.waiting = [each for each in self.waiting if not each.done()]
        if self.waiting:
            self.waiting.pop(step.which % len(self.waiting)).set_result(step)


def bounds_of(department: Department, **provided: Any) -> tuple[Bound, Bound]:
    def find(order: Order, books: Any) -> Seen | None:
        person, text = order.text.split(":")
        found = [one for one in books or () if one[:2] == (person, text)]
        return Seen(Note(owner=person, key=found[0][2], locale="en")) if found else None

    seen_by = SeenBy(key=lambda order: order.text, find=find)
    write = Operation("notes.file", Kind.WRITE, Order, Note, False, seen_by)
    read = Operation("notes.of_person", Kind.READ, str, tuple[Any, ...], False)
    return (
        bind(write, department.file, writes=True, timeout="1h", **provided),
        bind(read, department.of_person, timeout="1h"),
    )


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which the story's time passes, too: a call ends before its lease, however long that is."""

    def __init__(self, clock: Clock) -> None:
        self._story = clock
        super().__init__()

    def time(self) -> float:
        return super().time() + self._story.time


class World:
    def __init__(self, kind: str, clock: Clock) -> None:
        provided = KINDS[kind]
        self.clock = clock
        self.connections = Inline(self.clock)
        lapse = seconds(provided["lapses_after"]) if "lapses_after" in provided else math.inf
        self.department = Department(self.clock, knows_references="idempotent_by" in provided, lapse=lapse)
        self.bound, self.read = bounds_of(self.department, **provided)
        self.looks = "read_back" in provided
        self.processes = [self.start(), self.start()]
        self.callers: list[asyncio.Task[None]] = []
        self.told: list[tuple[str, str | None, str]] = []
        self.count = 0

    def start(self) -> Process:
        return Process(self.connections, self.bound, self.read)

    async def play(self, step: Any) -> None:
        match step:
            case File():
                self.callers.append(asyncio.create_task(self.file(step)))
            case Let():
                self.department.let(step)
            case Die():
                await self.die(step.process)
            case Turn():
                with suppress(Exception):
                    await self.processes[step.process].worker.turn()
            case Pass():
                self.clock.time += step.seconds
            case Away():
                self.connections.away = step.times
        await settle()

    async def file(self, step: File) -> None:
        self.count += 1
        # Who looks for an order by what it says can tell only those apart that say something different.
        text = f"{step.text}{'' if step.key else self.count}" if self.looks else step.text
        if self.looks:
            text = f"{text}{step.key}"
        order = Order(text=f"{step.person}:{text}", reference=step.key)
        process = self.processes[step.process]
        try:
            record: Note = await process.calls.write(self.bound, caller(step.person), order)
        except (AdapterError, WithoutRecord, KeyError):
            return
        assert record.owner == step.person, "another person's record"
        self.told.append((step.person, step.key, record.key))

    async def die(self, which: int) -> None:
        """As SIGKILL does: nothing of the process goes on."""
        process = self.processes[which]
        for task in (*process.ledger._running.values(), *process.worker._running):
            task.cancel()
        await settle()
        self.processes[which] = self.start()

    async def end(self) -> None:
        """Everything is well, and time passes."""
        self.department.well = True
        self.connections.away = 0
        for _ in range(200):
            for waiting in self.department.waiting:
                if not waiting.done():
                    waiting.set_result(Let(0, None, None, refuse=False))
            await settle()
            if not any(entry.state in WAITING for entry in await self.entries()):
                break
            self.clock.time += 4000
            for process in self.processes:
                await process.worker.turn()
            await settle()
        await asyncio.gather(*self.callers, return_exceptions=True)
        for process in self.processes:
            await process.worker.settled()

    async def entries(self) -> list[Entry]:
        return list(await self.processes[0].engine.listed(list(State), 1000))

    def failures(self) -> Iterator[str]:
        for task in self.callers:
            if not task.cancelled() and isinstance(task.exception(), AssertionError):
                yield str(task.exception())

    async def judge(self) -> None:
        assert list(self.failures()) == []
        times = Counter(reference for _, _, reference in self.department.books)
        assert all(count == 1 for count in times.values()), "an order is in the books twice"
        entries = await self.entries()
        known = {entry.reference for entry in entries}
        assert set(times) <= known, "an order is in the books and not in the ledger"
        for entry in entries:
            assert entry.state not in WAITING, "an order waits for ever"
            there = times[entry.reference]
            if entry.state is State.DELIVERED:
                assert there == 1, "an order is called delivered, and is not there"
            elif entry.state is State.REFUSED:
                assert there == 0, "an order is called refused, and is there"
            elif entry.state is State.DROPPED and not self.bound.provided.lapses_after:
                assert there == 0, "an order is called undelivered, and is there"
        for _person, key, reference in self.told:
            assert times[reference] == 1, "somebody was told of an order that is not there"
            del key
        by_key: dict[tuple[str, str | None], set[str]] = {}
        for person, key, reference in self.told:
            by_key.setdefault((person, key), set()).add(reference)
        repeated = {key: found for key, found in by_key.items() if key[1] and len(found) > 1}
        assert not repeated, "one key led to two orders"


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=STORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(steps, max_size=20))
@example(story=[File(0, "ann", "x", None), *[Pass(2000.0)] * 4, Turn(0)])
def test_nothing_is_lost_and_nothing_happens_twice(kind: str, story: list[Any]) -> None:
    clock = Clock()

    async def run() -> None:
        world = World(kind, clock)
        for step in story:
            await world.play(step)
        await world.end()
        await world.judge()

    with asyncio.Runner(loop_factory=lambda: Loop(clock)) as runner:
        runner.run(run())
