"""Nobody ever gets another person's answer, nor an older one than they have seen, in whatever order things happen."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import AdapterError, Unavailable
from adapters.contract.records import Answer
from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.store import open_store
from tests.adapters.runtime.ledger.inline import Inline, ledger_over
from tests.adapters.runtime.notes import Desk, Note, Order, caller

PEOPLE = ("ann", "bea", "ann ")
LOCALES = ("en", "zh-CN")
KEYS = ("ann", "bea", "x")


@dataclass(frozen=True)
class Read:
    subject: str
    locale: str
    keys: tuple[str, ...]
    public: bool


@dataclass(frozen=True)
class Write:
    subject: str
    text: str
    reference: str | None


@dataclass(frozen=True)
class Cancel:
    which: int


@dataclass(frozen=True)
class Let:
    """Let one of the calls that wait at the department go on, perhaps failing."""

    which: int
    fail: bool


people = st.sampled_from(PEOPLE)
Step = Read | Write | Cancel | Let
steps = st.one_of(
    st.builds(
        Read,
        subject=people,
        locale=st.sampled_from(LOCALES),
        keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=3).map(tuple),
        public=st.booleans(),
    ),
    st.builds(Write, subject=people, text=st.sampled_from("pq"), reference=st.sampled_from([None, "r", "s"])),
    st.builds(Cancel, which=st.integers(0, 20)),
    st.builds(Let, which=st.integers(0, 3), fail=st.booleans()),
)


class SlowDesk(Desk):
    """Every call waits until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[asyncio.Future[None]] = []

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn

    def let(self, which: int, *, fail: bool = False) -> None:
        """Let a call go on, if any waits."""
        if self.waiting:
            turn = self.waiting.pop(which % len(self.waiting))
            if fail and not turn.done():
                turn.set_exception(Unavailable("no"))
            elif not turn.done():
                turn.set_result(None)


class World:
    """Plays steps against one process's calls, and judges every answer."""

    def __init__(self) -> None:
        self.desk = SlowDesk()
        self.store = open_store("memory://")
        self.ledger = ledger_over(Inline())
        self.calls = Calls(RecordCache(self.store), self.ledger, (), NoOpTracer(), self.ledger.means.guards)
        self.mine = self.desk.read(fresh_for="1m", localized=True, timeout="1m")
        self.public = self.desk.read("notes.listed", personal="public", fresh_for="1m", localized=True, timeout="1m")
        self.filing = self.desk.write(timeout="1m")
        self.tasks: list[asyncio.Task[None]] = []
        self.seen: Counter[str] = Counter()

    async def play(self, step: Step) -> None:
        if isinstance(step, Cancel):
            if self.tasks:
                self.tasks[step.which % len(self.tasks)].cancel()
        elif isinstance(step, Let):
            self.desk.let(step.which, fail=step.fail)
        else:
            self.tasks.append(asyncio.create_task(self.read(step) if isinstance(step, Read) else self.write(step)))
        for _ in range(6):
            await asyncio.sleep(0)

    async def read(self, step: Read) -> None:
        at_least = self.seen[step.subject]
        bound = self.public if step.public else self.mine
        try:
            answer = await self.calls.read(bound, caller(step.subject, locale=step.locale), step.keys)
        except AdapterError:
            return
        assert isinstance(answer, Answer)
        assert set(answer) == set(step.keys)
        for key, note in answer.items():
            assert (note.key, note.locale) == (key, step.locale)
            assert note.owner == (None if step.public else step.subject), "another person's answer"
            assert step.public or note.version >= at_least, "older than what the person had written"

    async def write(self, step: Write) -> None:
        order = Order(text=step.text, reference=step.reference)
        try:
            record: Note = await self.calls.write(self.filing, caller(step.subject), order)
        except AdapterError:
            return
        assert (record.owner, record.key) == (step.subject, step.text), "another person's record"
        self.seen[step.subject] = max(self.seen[step.subject], record.version)

    async def end(self) -> None:
        while not all(task.done() for task in self.tasks):
            self.desk.let(0)
            for _ in range(4):
                await asyncio.sleep(0)
        for found in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(found, BaseException) and not isinstance(found, asyncio.CancelledError):
                raise found
        await self.calls.aclose()
        closing = asyncio.create_task(self.ledger.aclose())
        while not closing.done():  # it waits for writes whose callers are gone
            self.desk.let(0)
            await asyncio.sleep(0)
        await self.store.aclose()
        assert not self.calls.shares.refused


MINE = Read("ann", "en", ("x",), public=False)


@example([MINE, Write("ann", "p", None), Let(1, fail=False), MINE])
@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=24))
def test_nobody_gets_anothers_answer(story: list[Any]) -> None:
    async def run() -> None:
        world = World()
        for step in story:
            await world.play(step)
        await world.end()

    asyncio.run(run())
