"""With the engine alone nobody reads, moves or finds anything; with a ring of keys, keys are rotated under way."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.runtime.sealing import AesGcmSealer
from adapters.runtime.store import (
    FOR_ALL,
    BadStoreUrl,
    Entry,
    Store,
    StoreUnavailable,
    check_store,
    open_sealed,
    open_store,
)
from adapters.runtime.store.contract import MOST_TAGS
from adapters.runtime.store.memory import MemoryStore
from adapters.runtime.store.sealed import SealedStore

OLD, NEW = b"an old secret of enough bytes", b"a new secret of enough bytes!"
KEY = OLD.decode()
LIST = f"{FOR_ALL}revocations"


def sealed(engine: Store, *secrets: bytes) -> SealedStore:
    return SealedStore(engine, AesGcmSealer(secrets, "store"))


async def put(store: Store, *entries: Entry) -> None:
    tags = [tag for entry in entries for tag in entry.tags]
    await store.put_many(entries, await store.generations(tags))


def bytes_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


async def test_nothing_of_it_is_in_the_file(tmp_path: Path) -> None:
    store = open_sealed(f"sqlite://{tmp_path}/store.db", [KEY])
    await put(store, Entry("person 100000022", b"Ann, 13912345678", 60, ("tag of 100000022",)))
    await store.drop_tags(["dropped 100000022"])
    await store.aclose()
    found = bytes_in(tmp_path)
    assert len(found) > 1000
    for secret in (b"100000022", b"Ann", b"13912345678", b"tag of", KEY.encode()):
        assert secret not in found


async def rows(tmp_path: Path, key: bytes) -> set[str]:
    """The names in the file of a store with this key."""
    url = f"sqlite://{tmp_path}/{key[:6].hex()}.db"
    store = sealed(open_store(url), key)
    await put(store, Entry("ann", b"1", 60, ("tag",)))
    await store.drop_tags(["dropped"])
    await store.aclose()
    with sqlite3.connect(url.removeprefix("sqlite://")) as database:
        columns = ("key FROM entry", "tag FROM tagged", "tag FROM dropped")
        found = {row[0] for column in columns for row in database.execute(f"SELECT {column}")}
    database.close()
    assert len(found) == 3
    return found


async def test_names_cannot_be_made_without_the_key(tmp_path: Path) -> None:
    assert not await rows(tmp_path, OLD) & await rows(tmp_path, NEW)


async def test_a_value_that_is_moved_or_changed_is_absent() -> None:
    engine = MemoryStore(max_bytes=1 << 20)
    store = sealed(engine, NEW)
    await put(store, Entry("ann", b"hers", 60), Entry("bea", b"other", 60))
    ann, bea = (store._name(key) for key in ("ann", "bea"))
    (hers,) = await engine.get_many([ann])
    assert hers is not None
    await put(engine, Entry(bea, hers, 60), Entry(ann, hers[:-1] + b"?", 60))
    assert await store.get_many(["ann", "bea"]) == [None, None]
    assert store.unsealable == 2


RINGS = [(OLD,), (OLD, NEW), (NEW, OLD), (NEW,)]


@pytest.mark.parametrize("engine", ["memory", "sqlite", pytest.param("valkey", marks=pytest.mark.redis)])
@pytest.mark.parametrize("step", [0, 1, 2])
async def test_gateways_before_and_after_a_step_of_a_rotation_see_each_others_drops(step: int, store_url: str) -> None:
    engines = [open_store(store_url)]
    engines += engines if store_url == "memory://" else [open_store(store_url)]
    pair = [sealed(engine, *ring) for engine, ring in zip(engines, RINGS[step : step + 2], strict=True)]
    for one, other in (pair, pair[::-1]):
        await put(one, Entry("ann", b"1", 60, ("tag", "more")))
        snapshot = await one.generations(["tag"])
        assert await one.get_many(["ann"]) == [b"1"]
        assert await other.drop_tags(["tag"]) == 1
        assert await one.get_many(["ann"]) == [None]
        assert not await one.is_current(snapshot)
        await put(one, Entry(LIST, b"list", 60))
        assert await other.get_many([LIST]) == [b"list"], "what all must see, all do"
    for engine in engines:
        await engine.aclose()


async def test_an_entry_with_one_key_of_the_ring_less_is_shared_when_the_first_is_the_same() -> None:
    engine = MemoryStore(max_bytes=1 << 20)
    before, after = sealed(engine, OLD), sealed(engine, OLD, NEW)
    await put(before, Entry("ann", b"1", 60, ("tag",)))
    assert await after.get_many(["ann"]) == [b"1"]
    await put(after, Entry("ann", b"2", 60, ("tag",)))
    assert await before.get_many(["ann"]) == [b"2"]


async def test_a_list_for_all_that_does_not_open_is_not_taken_for_absent() -> None:
    engine = MemoryStore(max_bytes=1 << 20)
    await put(sealed(engine, NEW), Entry(LIST, b"list", 60))
    with pytest.raises(StoreUnavailable, match="all:revocations does not open with the keys that are configured"):
        await sealed(engine, OLD).get_many([LIST])


async def test_what_has_too_many_tags_by_every_key_is_not_kept() -> None:
    store = sealed(MemoryStore(max_bytes=1 << 20), NEW, OLD)
    half = tuple(f"tag {number}" for number in range(MOST_TAGS // 2))
    await put(store, Entry("fits", b"1", 60, half), Entry("fits not", b"2", 60, (*half, "one more")))
    assert await store.get_many(["fits", "fits not"]) == [b"1", None]


@pytest.mark.parametrize(
    ("url", "keys", "says"),
    [
        ("redis://127.0.0.1:9/0", [], "store_keys is empty"),
        ("redis://127.0.0.1:9/0", ["short"], "a key of store_keys is shorter than 16 bytes"),
        ("redis+cluster://127.0.0.1:9,127.0.0.1:10", [], "store_keys is empty"),
    ],
)
def test_a_store_that_cannot_be_sealed_is_refused(url: str, keys: Sequence[str], says: str) -> None:
    for refuse in (open_sealed, check_store):
        with pytest.raises(Exception, match=says):
            refuse(url, keys)


def test_what_stays_in_the_process_needs_no_key(tmp_path: Path) -> None:
    assert isinstance(open_sealed("memory://", []), MemoryStore)
    check_store("memory://", [])
    check_store(f"sqlite://{tmp_path}/store.db", [])
    assert not list(tmp_path.iterdir()), "a check makes nothing"
    with pytest.raises(BadStoreUrl):
        check_store("elsewhere://", [KEY])
