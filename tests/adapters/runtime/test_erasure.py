"""Everything about a person goes, from the store and from every gateway's memory, and a search shows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.city import Uses
from adapters.runtime import erasure as module
from adapters.runtime.answers import AnswerCache
from adapters.runtime.erasure import NOTED_FOR, Erasures, Note, NotErased, erase
from adapters.runtime.sharing import person_tag
from adapters.runtime.store import Carriers, Entry, Store, StoreUnavailable, open_sealed, open_store
from tests.adapters.runtime.ledger.inline import calls_on
from tests.adapters.runtime.notes import Desk, caller
from tests.servers.valkey import valkey_server, valkey_url

__all__ = ["valkey_server", "valkey_url"]


@pytest.fixture(params=["sqlite", pytest.param("valkey", marks=pytest.mark.redis)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite://{tmp_path}/store.db?timeout=5s"
    return f"{request.getfixturevalue('valkey_url')}?prefix={tmp_path.name}:&timeout=5s"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_EVERY", 0.05)
    monkeypatch.setattr(module, "SETTLED_AFTER", 0.02)
    monkeypatch.setattr(module, "REPORTED_WITHIN", 0.7)


class Gateway:
    """What one process keeps, and its ear for erasures."""

    def __init__(self, url: str, name: str) -> None:
        self.store = open_sealed(url, ["a key for tests only"])
        self.answers = AnswerCache(self.store, shared=True)
        self.calls = calls_on(self.store, forgotten=self.answers.drop)
        self.erasures = Erasures(self.store, name, self.forget, self.answers.clear)

    def forget(self, tag: str) -> Mapping[str, int]:
        return {"whole answers": self.answers.drop([tag])}

    async def use(self, desk: Desk, person: str) -> None:
        """Two records and a whole answer of a person are kept, in the store and here."""
        uses = Uses()
        asks = caller(person)
        await self.calls.read(desk.read(fresh_for="1m"), asks, ["x", "y"])
        uses.note(asks.uses.generations, asks.uses.fresh_until)
        assert await self.answers.put((person,), b"body", uses, (person, None))

    async def aclose(self) -> None:
        await self.calls.aclose()
        await self.store.aclose()


@pytest.fixture
async def pair(url: str) -> AsyncIterator[list[Gateway]]:
    async with AsyncExitStack() as stack:
        pair = [Gateway(url, name) for name in ("one", "other")]
        for each in pair:
            stack.push_async_callback(each.aclose)
            watching = asyncio.create_task(each.erasures.watch())
            stack.callback(watching.cancel)
        yield pair


async def test_all_of_it_goes_everywhere_and_nothing_of_others(pair: list[Gateway], url: str, desk: Desk) -> None:
    for each in pair:
        await each.use(desk, "ann")
        await each.use(desk, "bea")
    operator = open_sealed(url, ["a key for tests only"])
    assert (await operator.carriers([person_tag("ann")])).found == 3
    erased = await erase(operator, "ann")
    assert erased.from_store == 3
    assert erased.left.found == 0
    assert erased.left.searched >= 3, "those of the other person, which were looked at"
    assert sorted(each.gateway for each in erased.reports) == ["one", "other"]
    assert [each.forgotten for each in erased.reports] == [{"whole answers": 1}] * 2
    assert [len(each.answers) for each in pair] == [1, 1]
    assert (await operator.carriers([person_tag("bea")])).found == 3
    asked = len(desk.calls)
    await pair[0].calls.read(desk.read(fresh_for="1m"), caller("ann"), ["x"])
    await pair[0].calls.read(desk.read(fresh_for="1m"), caller("bea"), ["x"])
    assert len(desk.calls) == asked + 1
    await operator.aclose()


async def test_an_answer_without_a_record_of_its_person_goes_too(pair: list[Gateway], url: str) -> None:
    (one, _), operator = pair, open_sealed(url, ["a key for tests only"])
    uses = Uses()
    uses.note((await one.store.generations(["a public tag"])).tokens, time.time() + 60)
    assert await one.answers.put(("ann",), b"Ann, and what is public", uses, ("ann", None))
    assert (await erase(operator, "ann")).from_store == 1
    assert len(one.answers) == 0
    await operator.aclose()


async def test_what_was_being_read_when_it_was_erased_is_not_kept(pair: list[Gateway], url: str, desk: Desk) -> None:
    (one, _), operator = pair, open_sealed(url, ["a key for tests only"])
    desk.gate.clear()
    reading = asyncio.create_task(one.calls.read(desk.read(fresh_for="1m"), caller("ann"), ["x"]))
    await desk.begun.acquire()
    erasing = asyncio.create_task(erase(operator, "ann"))
    await asyncio.sleep(0.2)
    desk.gate.set()
    await reading
    assert (await erasing).left.found == 0
    await operator.aclose()


async def test_two_erasures_at_once_are_both_heard(pair: list[Gateway], url: str, desk: Desk) -> None:
    operators = [open_sealed(url, ["a key for tests only"]) for _ in range(2)]
    for person in ("ann", "bea"):
        await pair[0].use(desk, person)
    await asyncio.gather(*map(erase, operators, ("ann", "bea")))
    assert len(pair[0].answers) == 0
    for each in operators:
        await each.aclose()


class Away:
    """A store that is away when it is told so."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise StoreUnavailable("away")
        return getattr(self._store, name)


async def test_who_has_missed_notes_forgets_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    store: Any = Away(open_store("memory://"))
    forgotten: list[str] = []
    erasures = Erasures(store, "one", lambda tag: {}, lambda: forgotten.append("all"))
    await erasures.look()
    erasures._read_at -= NOTED_FOR / 2 - 5
    await erasures.look()
    assert not forgotten
    erasures._read_at -= NOTED_FOR / 2 + 1
    await erasures.look()
    assert forgotten == ["all"]


async def test_a_store_that_is_away_for_a_while_ends_no_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_EVERY", 0.001)
    store: Any = Away(open_store("memory://"))
    heard: list[str] = []
    told = asyncio.Event()

    def forget(tag: str) -> Mapping[str, int]:
        heard.append(tag)
        told.set()
        return {}

    erasures = Erasures(store, "one", forget, lambda: None)
    watching = asyncio.create_task(erasures.watch())
    store.away = True
    await asyncio.sleep(0.02)
    store.away = False
    await module._write(store, Note("1", "tag", 1e12))
    async with asyncio.timeout(5):
        await told.wait()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    assert heard == ["tag"]


async def test_a_store_that_forgets_the_note_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLED_AFTER", 0.0)

    class Forgetful:
        async def drop_tags(self, tags: Any) -> int:
            return 0

        async def get_many(self, keys: Any) -> Any:
            return [None] * len(keys)

        async def put_many(self, entries: Any) -> None:
            return

        async def carriers(self, tags: Any) -> Carriers:
            return Carriers(0, 0)

    forgetful: Any = Forgetful()
    with pytest.raises(NotErased):
        await erase(forgetful, "ann")


async def test_notes_of_another_version_are_none() -> None:
    store = open_store("memory://")
    await store.put_many([Entry(module.NOTES, b"\xff", 60)])
    assert await module._read(store) == []
