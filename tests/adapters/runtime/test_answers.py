"""Whole answers: fresh as long as their shortest part, dropped with what is in them, bounded, shared by key only."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest

from adapters.contract.city import Uses
from adapters.runtime import answers as module
from adapters.runtime.answers import COHERENT_WITHIN, ENTRY_BYTES, AnswerCache
from adapters.runtime.store import StoreUnavailable, open_store


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def store() -> Any:
    return open_store("memory://")


async def uses_of(store: Any, *tags: str, fresh_until: float = 1_000_060.0) -> Uses:
    uses = Uses()
    uses.note((await store.generations(list(tags))).tokens, fresh_until)
    return uses


async def body_of(cache: AnswerCache, key: Hashable) -> bytes | None:
    kept = await cache.get(key)
    return kept.body if kept else None


async def test_an_answer_is_served_until_its_shortest_part_ends(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    uses = await uses_of(store, "a", fresh_until=clock.now + 60)
    uses.note((await store.generations(["b"])).tokens, clock.now + 5)
    assert await cache.put("key", b"body", uses)
    clock.now += 4.9
    assert await body_of(cache, "key") == b"body"
    clock.now += 0.2
    assert await body_of(cache, "key") is None
    assert len(cache) == 0


async def test_what_may_not_be_kept_is_not(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    forbidden, unknown, nothing, over = (Uses() for _ in range(4))
    for uses in (forbidden, over):
        uses.note((await store.generations(["a"])).tokens, clock.now + (60 if uses is forbidden else 0))
    forbidden.keep = False
    unknown.note(None, clock.now + 60)
    for uses in (forbidden, unknown, nothing, over):
        assert await cache.put("key", b"body", uses) is None
    assert await body_of(cache, "key") is None


async def test_a_drop_takes_every_answer_in_which_the_tag_is(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    await cache.put("one", b"1", await uses_of(store, "a", "b"))
    await cache.put("two", b"2", await uses_of(store, "b"))
    await cache.put("three", b"3", await uses_of(store, "c"))
    cache.drop(["b", "unknown"])
    assert [await body_of(cache, key) for key in ("one", "two", "three")] == [None, None, b"3"]


async def test_an_answer_made_of_what_was_dropped_meanwhile_is_not_kept(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    uses = await uses_of(store, "a")
    await store.drop_tags(["a"])
    assert await cache.put("key", b"old", uses) is None


async def test_a_drop_elsewhere_is_seen_within_a_second(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    await cache.put("key", b"old", await uses_of(store, "a"))
    await store.drop_tags(["a"])
    assert await body_of(cache, "key") == b"old"
    clock.now += 1.1
    assert await body_of(cache, "key") is None


async def test_nothing_is_served_that_cannot_be_compared(clock: Clock, store: Any) -> None:
    class Dying:
        dead = False

        async def is_current(self, snapshot: Any) -> bool:
            if self.dead:
                raise StoreUnavailable("away")
            return bool(await store.is_current(snapshot))

    dying: Any = Dying()
    cache = AnswerCache(dying, shared=False)
    await cache.put("key", b"body", await uses_of(store, "a"))
    dying.dead = True
    assert await body_of(cache, "key") == b"body", "within the second"
    clock.now += 1.1
    assert await body_of(cache, "key") is None


async def test_a_lease_runs_until_the_next_comparison_and_ends_with_the_answer(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    kept = await cache.put("key", b"body", await uses_of(store, "a", fresh_until=clock.now + 1.5))
    assert kept
    assert kept.lease.until == clock.now + COHERENT_WITHIN
    clock.now += 0.9
    assert await cache.get("key") is kept
    assert kept.lease.until == pytest.approx(clock.now + 0.1), "a look without a comparison prolongs nothing"
    clock.now += 0.2
    assert await cache.get("key") is kept
    assert kept.lease.until == kept.fresh_until
    cache.drop(["a"])
    assert kept.lease.until == 0.0


async def test_an_answer_dropped_while_it_is_compared_gets_no_lease(clock: Clock, store: Any) -> None:
    class Slow:
        async def is_current(self, snapshot: Any) -> bool:
            found = bool(await store.is_current(snapshot))
            cache.drop(["a"])
            return found

    slow: Any = Slow()
    cache = AnswerCache(store, shared=False)
    kept = await cache.put("key", b"body", await uses_of(store, "a"))
    cache._store = slow
    clock.now += COHERENT_WITHIN + 0.1
    await cache.get("key")
    assert kept is not None
    assert kept.lease.until == 0.0


async def test_what_is_too_large_to_be_kept_has_no_lease(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False, max_bytes=8 * ENTRY_BYTES)
    kept = await cache.put("key", b"x" * ENTRY_BYTES, await uses_of(store, "a"))
    assert kept is not None
    assert kept.lease.until == 0.0, "a drop would not find it"


async def test_parts_of_two_generations_are_not_kept_together(clock: Clock, store: Any) -> None:
    uses = await uses_of(store, "a")
    await store.drop_tags(["other"])
    uses.note((await store.generations(["a"])).tokens, clock.now + 60)
    assert await AnswerCache(store, shared=False).put("key", b"body", uses) is None


async def test_memory_is_bounded_and_the_oldest_used_goes_first(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False, max_bytes=10 * (ENTRY_BYTES + 100))
    for number in range(10):
        await cache.put(f"k{number}", b"x" * 100, await uses_of(store, f"t{number}"))
    assert await body_of(cache, "k0")
    await cache.put("more", b"x" * 100, await uses_of(store, "t"))
    assert len(cache) == 10
    assert [await body_of(cache, key) is not None for key in ("k0", "k1", "k2", "more")] == [True, False, True, True]
    await cache.put("huge", b"x" * 9 * ENTRY_BYTES, await uses_of(store, "t"))
    assert await body_of(cache, "huge") is None, "one answer cannot push out all others"


async def test_bookkeeping_goes_with_the_answers(clock: Clock, store: Any) -> None:
    cache = AnswerCache(store, shared=False)
    for number in range(100):
        await cache.put("key", b"x", await uses_of(store, f"t{number}", "all"))
    cache.drop(["all"])
    assert (len(cache), cache._bytes, cache._by_tag) == (0, 0, {})


async def test_processes_share_answers_through_the_store(clock: Clock, store: Any) -> None:
    first, second = AnswerCache(store, shared=True), AnswerCache(store, shared=True)
    await first.put(("question", "ann"), b"ann's", await uses_of(store, "a"))
    assert await body_of(second, ("question", "ann")) == b"ann's"
    assert await body_of(second, ("question", "bob")) is None
    await store.drop_tags(["a"])
    assert await body_of(AnswerCache(store, shared=True), ("question", "ann")) is None
