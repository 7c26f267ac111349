"""What only the store in the process's memory promises: bytes are bounded, and not copied."""

import gc
import tracemalloc
from collections.abc import Callable

import pytest

from adapters.runtime.store import Entry
from adapters.runtime.store.memory import DropLog, MemoryStore

MIB = 1 << 20


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def put(store: MemoryStore, *entries: Entry) -> None:
    tags = [tag for entry in entries for tag in entry.tags]
    await store.put_many(entries, await store.generations(tags))


async def test_hands_out_the_very_object_that_was_put() -> None:
    store = MemoryStore(max_bytes=MIB)
    value = bytes(5000)
    await put(store, Entry("a", value, 60, ("x",)))
    assert (await store.get_many(["a"]))[0] is value


async def test_the_least_recently_used_goes_first() -> None:
    store = MemoryStore(max_bytes=40_000)
    await put(store, *(Entry(key, bytes(10_000), 60) for key in "abc"))
    await store.get_many(["a"])
    await put(store, Entry("d", bytes(10_000), 60))
    assert [value is not None for value in await store.get_many(list("abcd"))] == [True, False, True, True]


async def test_what_comes_together_is_one_in_the_order_of_use_unless_it_takes_much_of_the_store() -> None:
    store = MemoryStore(max_bytes=40_000)
    await put(store, Entry("a", bytes(400), 60), Entry("b", bytes(400), 60))
    await put(store, *(Entry(key, bytes(9_000), 60) for key in "cd"))
    await store.get_many(["a"])
    await put(store, *(Entry(key, bytes(9_000), 60) for key in "efg"))
    kept = zip("abcdefg", await store.get_many(list("abcdefg")), strict=True)
    assert [key for key, value in kept if value is not None] == list("abefg")


async def test_a_key_that_comes_again_is_its_last_batchs() -> None:
    clock = Clock()
    store = MemoryStore(max_bytes=MIB, clock=clock)
    await put(store, Entry("a", b"1", 60, ("x",)), Entry("b", b"1", 60, ("x",)), Entry("b", b"2", 60, ("x",)))
    await put(store, Entry("a", b"3", 90, ("y",)))
    assert await store.get_many(["a", "b"]) == [b"3", b"2"]
    assert await store.drop_tags(["x"]) == 1
    assert await store.get_many(["a", "b"]) == [b"3", None]
    clock.now += 91
    assert await store.get_many(["a"]) == [None]
    assert store.used_bytes == 0


async def test_expired_entries_leave_before_anybody_asks_for_them() -> None:
    clock = Clock()
    store = MemoryStore(max_bytes=MIB, clock=clock)
    await put(store, *(Entry(f"key-{number}", bytes(1000), 1 + number) for number in range(10)))
    clock.now += 5
    await store.get_many([])
    assert store.used_bytes < 6 * 2000
    clock.now += 5
    await store.get_many([])
    assert store.used_bytes == 0


async def test_a_longer_ttl_replaces_a_shorter_one() -> None:
    clock = Clock()
    store = MemoryStore(max_bytes=MIB, clock=clock)
    await put(store, Entry("a", b"1", 1))
    await put(store, Entry("a", b"2", 60))
    clock.now += 30
    assert await store.get_many(["a"]) == [b"2"]


async def test_what_exceeds_the_budget_alone_is_not_kept_and_takes_its_predecessor_along() -> None:
    store = MemoryStore(max_bytes=100_000)
    await put(store, Entry("a", b"1", 60), Entry("b", b"2", 60))
    await put(store, Entry("a", bytes(100_001), 60))
    assert await store.get_many(["a", "b"]) == [None, b"2"]


def together(number: int, key: str, tag: int) -> list[Entry]:
    return [Entry(key.format(number + at * at), b"%8d" % at, 60, (f"a-{tag}",)) for at in range(40)]


SHAPES: dict[str, Callable[[int], Entry | list[Entry]]] = {
    "no tags": lambda n: Entry(f"key-{n}", b"%8d" % n, 60),
    "one tag for all": lambda n: Entry(f"key-{n}", b"%8d" % n, 60, ("city",)),
    "tags of its own": lambda n: Entry(f"key-{n}", b"%8d" % n, 60, (f"a-{n}", f"b-{n}", f"c-{n}")),
    "large values": lambda n: Entry(f"key-{n}", b"%4000d" % n, 60, (f"a-{n // 10}",)),
    "long keys": lambda n: Entry(f"{n:2000d}", b"1", 60, (f"{n:2000d}t",)),
    "forty that come together": lambda n: together(10_000 * n, "key-{}", n),
    "forty of which some come again": lambda n: together(n % 3000, "{:500d}", n % 50),
    "one key over and over": lambda n: Entry(f"{n % 300:2000d}", b"%3000d" % n, 60, (f"a-{n}",)),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_memory_stays_within_the_budget_whatever_is_put(shape: str) -> None:
    budget = 2 * MIB
    gc.collect()
    tracemalloc.start()
    try:
        store = MemoryStore(max_bytes=budget)
        for number in range(1_000 if shape.startswith("forty") else 12_000):
            made = SHAPES[shape](number)
            await put(store, *(made if isinstance(made, list) else [made]))
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < budget
    assert peak < 1.25 * budget
    assert store.used_bytes > 0.9 * budget or shape == "one key over and over"


async def test_drops_of_ever_new_tags_leave_bounded_traces() -> None:
    store = MemoryStore(max_bytes=MIB)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(30_000):
            await store.generations([f"tag-{number}"])
            await store.drop_tags([f"tag-{number}"])
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * MIB


async def test_dropping_everything_gives_all_bytes_back() -> None:
    store = MemoryStore(max_bytes=MIB)
    await put(store, *(Entry(f"key-{n}", b"1", 60, ("all", f"tag-{n % 9}")) for n in range(500)))
    assert await store.drop_tags(["all"]) == 500
    assert store.used_bytes == 0


def test_the_log_of_drops_forgets_on_the_safe_side() -> None:
    log = DropLog(limit=3)
    before = log.now
    for tag in "abcd":
        log.add([tag])
    assert log.is_current("d", log.now)
    assert not log.is_current("a", before)
    assert not log.is_current("never dropped", before)
    assert log.is_current("never dropped", log.now)
