"""Random sequences of operations, against each engine and against a model that a reader can check."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.runtime.store import Entry, Snapshot, Store, open_store
from tests.adapters.runtime.store.conftest import with_options

KEYS = ("a", "b", "c", "d")
TAGS = ("x", "y", "z")
SNAPSHOTS = 3

keys = st.sampled_from(KEYS)
tag_sets = st.lists(st.sampled_from(TAGS), max_size=3).map(tuple)
entries = st.tuples(keys, st.binary(max_size=30), st.sampled_from([0.02, 30.0, 30.0, 30.0]), tag_sets)


@dataclass(frozen=True)
class Look:
    """Take snapshot number `slot` of all tags."""

    slot: int


@dataclass(frozen=True)
class Put:
    entries: Sequence[tuple[str, bytes, float, tuple[str, ...]]]
    slot: int


@dataclass(frozen=True)
class Drop:
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Get:
    keys: Sequence[str]


@dataclass(frozen=True)
class Wait:
    """Let short entries expire."""


Step = Look | Put | Drop | Get | Wait
slots = st.integers(0, SNAPSHOTS - 1)
puts = st.builds(Put, st.lists(entries, min_size=1, max_size=3), slots)
gets = st.builds(Get, st.lists(keys, max_size=5))
steps: st.SearchStrategy[Step] = st.one_of(
    puts, puts, puts, gets, gets, st.builds(Drop, tag_sets), st.builds(Look, slots), st.just(Wait())
)


@dataclass
class Kept:
    value: bytes
    tags: tuple[str, ...]
    surely_until: float
    possibly_until: float


@dataclass
class Model:
    """A dictionary with time; `clock` counts drops, and a snapshot is the clock when it was taken."""

    kept: dict[str, Kept] = field(default_factory=dict)
    clock: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    snapshots: list[int] = field(default_factory=lambda: [0] * SNAPSHOTS)

    def put(self, step: Put, begun: float, ended: float) -> None:
        for key, value, ttl, tags in step.entries:
            if all(self.dropped.get(tag, 0) <= self.snapshots[step.slot] for tag in tags):
                self.kept[key] = Kept(value, tags, begun + ttl, ended + ttl + 0.002)

    def drop(self, tags: tuple[str, ...], begun: float, ended: float) -> range:
        """Return how many carriers the store may have counted."""
        self.clock += 1
        self.dropped.update(dict.fromkeys(tags, self.clock))
        gone = [self.kept.pop(key) for key, kept in list(self.kept.items()) if set(kept.tags) & set(tags)]
        surely = sum(kept.surely_until > ended for kept in gone)
        return range(surely, sum(kept.possibly_until >= begun for kept in gone) + 1)

    def allowed(self, key: str, begun: float, ended: float) -> set[bytes | None]:
        kept = self.kept.get(key)
        if kept is None or begun > kept.possibly_until:
            return {None}
        return {kept.value} if ended < kept.surely_until else {kept.value, None}


class Run:
    """One sequence on one store, compared step by step."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.model = Model()
        self.snapshots: list[Snapshot] = []

    async def play(self, sequence: Sequence[Step]) -> None:
        self.snapshots = [await self.store.generations(TAGS) for _ in range(SNAPSHOTS)]
        for step in [*sequence, Get(KEYS)]:
            await self.take(step)

    async def take(self, step: Step) -> None:
        begun = time.time()
        match step:
            case Look(slot):
                self.snapshots[slot] = await self.store.generations(TAGS)
                self.model.snapshots[slot] = self.model.clock
            case Put(batch, slot):
                await self.store.put_many([Entry(*entry) for entry in batch], self.snapshots[slot])
                self.model.put(step, begun, time.time())
            case Drop(tags):
                count = await self.store.drop_tags(tags)
                assert count in self.model.drop(tags, begun, time.time())
            case Get(wanted):
                values = await self.store.get_many(wanted)
                for key, value in zip(wanted, values, strict=True):
                    assert value in self.model.allowed(key, begun, time.time()), key
            case Wait():
                await asyncio.sleep(0.03)


async def play_on(url: str, sequence: Sequence[Step]) -> None:
    store = open_store(url)
    try:
        await Run(store).play(sequence)
    finally:
        await store.aclose()


sequences = st.lists(steps, max_size=25)
bounded = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@bounded
@given(sequences)
def test_memory_behaves_like_the_model(sequence: Sequence[Step]) -> None:
    asyncio.run(play_on("memory://", sequence))


@bounded
@given(sequences)
def test_sqlite_behaves_like_the_model(sequence: Sequence[Step]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(play_on(f"sqlite://{Path(folder)}/store.db?timeout=5s", sequence))


@pytest.mark.redis
@bounded
@given(sequence=sequences)
def test_valkey_behaves_like_the_model(sequence: Sequence[Step], valkey_url: str) -> None:
    asyncio.run(play_on(with_options(valkey_url), sequence))


@pytest.mark.redis
@settings(bounded, max_examples=25)
@given(sequence=sequences)
def test_a_cluster_behaves_like_the_model(sequence: Sequence[Step], valkey_cluster_url: str) -> None:
    asyncio.run(play_on(with_options(valkey_cluster_url), sequence))
