"""Two gateways on one real server: in whatever order things happen, nobody ever gets anything of somebody else's.

Records, shared calls and whole answers, through all that is between them and the server. CITYGATE_INTERLEAVINGS=N plays
N histories instead of a few.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from graphql import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.contract.city import Uses
from adapters.contract.errors import AdapterError
from adapters.runtime.answers import AnswerCache
from adapters.runtime.call import Calls
from adapters.runtime.sharing import SharedAcross, person_tag
from adapters.runtime.store import Store, open_sealed
from gateway.graphql.answers import Answers, Asker
from tests.adapters.runtime.ledger.inline import calls_on
from tests.adapters.runtime.notes import FAR, Order, caller
from tests.adapters.runtime.test_isolation import SlowDesk
from tests.servers.valkey import valkey_server, valkey_url

__all__ = ["valkey_server", "valkey_url"]
pytestmark = pytest.mark.redis

HISTORIES = int(os.environ.get("CITYGATE_INTERLEAVINGS", "40"))
PEOPLE = ("ann", "bea", "ann ")
SCOPES = ((), ("tax",))
KEYS = ("ann", "bea", "x")
DOCUMENT = parse("{ notes }")
QUERY: Any = SimpleNamespace(document=DOCUMENT, definition=DOCUMENT.definitions[0], name=None)


@dataclass(frozen=True)
class Read:
    gateway: int
    person: str
    keys: tuple[str, ...]
    basis: str | None
    public: bool


@dataclass(frozen=True)
class Ask:
    """A whole answer, for a person with a token of these scopes."""

    gateway: int
    person: str
    scopes: tuple[str, ...]
    public: bool


@dataclass(frozen=True)
class Write:
    gateway: int
    person: str


@dataclass(frozen=True)
class Erase:
    gateway: int
    person: str


@dataclass(frozen=True)
class Let:
    """Let one of the calls that wait at the department go on."""

    which: int


gateways, people = st.integers(0, 1), st.sampled_from(PEOPLE)
keys = st.lists(st.sampled_from(KEYS), min_size=1, max_size=3).map(tuple)
bases = st.sampled_from([None, None, "officer"])
steps = st.one_of(
    st.builds(Read, gateways, people, keys, bases, st.booleans()),
    st.builds(Ask, gateways, people, st.sampled_from(SCOPES), st.booleans()),
    st.builds(Ask, gateways, people, st.sampled_from(SCOPES), st.just(value=False)),
    st.builds(Write, gateways, people),
    st.builds(Erase, gateways, people),
    st.builds(Let, st.integers(0, 3)),
    st.builds(Let, st.integers(0, 3)),
)


@dataclass
class Process:
    """What one gateway has between a request and the departments."""

    store: Store

    def __post_init__(self) -> None:
        self.kept = AnswerCache(self.store, shared=True)
        self.calls: Calls = calls_on(self.store, self.kept.drop)
        self.shares = self.calls.shares
        self.answers = Answers(self.kept, lambda asker: asker, lambda: self.shares.count("whole answer"))


class World:
    """Plays a history on two gateways over one department, and judges every answer."""

    def __init__(self, url: str) -> None:
        place = f"{url}?prefix={uuid4().hex}:&timeout=5s"
        self.processes = [Process(open_sealed(place, ["a key for tests only"])) for _ in range(2)]
        self.desk = SlowDesk()
        self.mine = self.desk.read(fresh_for="1m", timeout="1m")
        self.public = self.desk.read("notes.listed", personal="public", fresh_for="1m", timeout="1m")
        self.filing = self.desk.write(timeout="1m")
        self.tasks: list[asyncio.Task[None]] = []

    async def play(self, step: Any) -> None:
        if isinstance(step, Let):
            self.desk.let(step.which)
        else:
            play: Any = {Read: self.read, Ask: self.ask, Write: self.write, Erase: self.erase}[type(step)]
            self.tasks.append(asyncio.create_task(play(self.processes[step.gateway], step)))
        for _ in range(20):  # so that some round trips to the server end between two steps, and some do not
            await asyncio.sleep(0)

    async def read(self, process: Process, step: Read) -> None:
        asks = caller(step.person, actor="cy" if step.basis else None, basis=step.basis)
        answer = await process.calls.read(self.public if step.public else self.mine, asks, step.keys)
        assert {note.owner for note in answer.values()} == {None if step.public else step.person}, "another's record"
        assert [note.key for note in answer.values()] == list(dict.fromkeys(step.keys))

    async def ask(self, process: Process, step: Ask) -> None:
        uses, audience = Uses(), (step.person, None, None, None, *step.scopes)
        asker = Asker(audience, "en", uses)
        operation: Any = SimpleNamespace(**{**vars(QUERY), "name": "public" if step.public else "mine"})
        kept = await process.answers.find(operation, {}, asker)
        if kept is None:
            asks = msgspec.structs.replace(caller(step.person, deadline=FAR), uses=uses)
            await process.calls.read(self.public if step.public else self.mine, asks, ["x"])
            body = b"everybody's" if step.public else repr(audience).encode()
            kept = await process.answers.keep(operation, {}, asker, body)
        wanted = b"everybody's" if step.public else repr(audience).encode()
        assert kept is None or kept.body == wanted, "another's answer"

    async def write(self, process: Process, step: Write) -> None:
        note = await process.calls.write(self.filing, caller(step.person), Order(text="p"))
        assert note.owner == step.person, "another's record"

    async def erase(self, process: Process, step: Erase) -> None:
        tag = person_tag(step.person)
        await process.store.drop_tags([tag])
        process.kept.drop([tag])

    async def settle(self) -> None:
        """Let everything come to its end."""
        while not all(task.done() for task in self.tasks):
            self.desk.let(0)
            await asyncio.sleep(0)

    async def end(self) -> None:
        await self.settle()
        for process in self.processes:
            await process.calls.aclose()
            await process.store.aclose()
        for found in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(found, BaseException) and not isinstance(found, AdapterError):
                raise found
        assert not [process.shares.refused for process in self.processes if process.shares.refused]


async def played(url: str, history: Sequence[Any]) -> None:
    world = World(url)
    for step in history:
        await world.play(step)
    await world.end()


def test_nobody_gets_anothers(valkey_url: str) -> None:
    @settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(steps, min_size=4, max_size=24))
    def check(history: list[Any]) -> None:
        asyncio.run(played(valkey_url, history))

    check()


async def one_after_the_other(url: str, *history: Any) -> None:
    world = World(url)
    for step in history:
        await world.play(step)
        await world.settle()
    await world.end()


async def test_the_check_sees_what_the_names_let_through(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That histories such as these would show a leak, were the names weak and the check not there."""
    monkeypatch.setattr("gateway.graphql.answers.Question.key", lambda self, subject: self.operation_name)
    both = [Ask(each, person, (), public=False) for each, person in enumerate(("ann", "bea"))]
    with pytest.raises(AssertionError, match="whole answer"):
        await one_after_the_other(valkey_url, *both)
    everybodys = property(lambda self: None, lambda self, owner: None)
    monkeypatch.setattr("adapters.runtime.answers.KeptAnswer.owner", everybodys)
    with pytest.raises(AssertionError, match="another's answer"):
        await one_after_the_other(valkey_url, *both)


async def test_names_without_the_person_are_refused(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weak = lambda bound, sharing, variant, keys: {key: f"{bound.operation.name} {key}" for key in keys}  # noqa: E731
    monkeypatch.setattr("adapters.runtime.cache.names_of", weak)
    both = [Read(each, person, ("x",), None, public=False) for each, person in enumerate(("ann", "bea"))]
    with pytest.raises(SharedAcross):
        await one_after_the_other(valkey_url, *both)
