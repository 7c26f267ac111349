"""What every engine must do, run against each of them."""

import asyncio
import random

import pytest

from adapters.runtime.store import Entry, Snapshot, Store, StoreUnavailable


async def put(store: Store, *entries: Entry) -> None:
    tags = [tag for entry in entries for tag in entry.tags]
    await store.put_many(entries, await store.generations(tags))


async def test_returns_values_in_the_order_of_the_keys(store: Store) -> None:
    await put(store, Entry("a", b"1", 60), Entry("b", b"2", 60))
    assert await store.get_many(["b", "absent", "a", "b"]) == [b"2", None, b"1", b"2"]


async def test_no_keys_no_entries_and_no_tags_are_nothing_special(store: Store) -> None:
    assert list(await store.get_many([])) == []
    await store.put_many([])
    assert await store.drop_tags([]) == 0
    assert (await store.generations([])).tokens == {}


@pytest.mark.parametrize("value", [b"", b"\x00\xff" * 40, bytes(range(256)), b"\x03" + b"x" * 200_000])
async def test_values_are_opaque_bytes(store: Store, value: bytes) -> None:
    await put(store, Entry("plain", value, 60), Entry("tagged", value, 60, ("tag",)))
    assert await store.get_many(["plain", "tagged"]) == [value, value]


@pytest.mark.parametrize("key", ["", "{}", "{a}b", "a b\r\nc\x00", "光谷", "k" * 5000, "a*[?]"])
async def test_keys_and_tags_are_opaque_text(store: Store, key: str) -> None:
    await put(store, Entry(key, b"1", 60, (key,)), Entry(key + "'", b"2", 60, (key + "'",)))
    assert await store.get_many([key, key + "'"]) == [b"1", b"2"]
    assert await store.drop_tags([key]) == 1
    assert await store.get_many([key, key + "'"]) == [None, b"2"]


async def test_the_last_put_of_a_key_wins(store: Store) -> None:
    await put(store, Entry("a", b"1", 60, ("old",)), Entry("a", b"2", 60, ("new",)))
    assert await store.get_many(["a"]) == [b"2"]
    assert await store.drop_tags(["old"]) == 0
    assert await store.get_many(["a"]) == [b"2"]
    assert await store.drop_tags(["new"]) == 1
    assert await store.get_many(["a"]) == [None]


async def test_an_entry_expires_after_its_ttl(store: Store) -> None:
    await put(store, Entry("short", b"1", 0.05, ("tag",)), Entry("long", b"2", 60, ("tag",)))
    await asyncio.sleep(0.08)
    assert await store.get_many(["short", "long"]) == [None, b"2"]
    assert await store.drop_tags(["tag"]) == 1


async def test_a_drop_takes_every_carrier_of_any_of_the_tags_and_nothing_else(store: Store) -> None:
    await put(
        store,
        Entry("a", b"1", 60, ("x",)),
        Entry("b", b"2", 60, ("y", "z")),
        Entry("c", b"3", 60, ("z",)),
        Entry("d", b"4", 60),
    )
    assert await store.drop_tags(["x", "y", "unknown"]) == 2
    assert await store.get_many(["a", "b", "c", "d"]) == [None, None, b"3", b"4"]
    assert await store.drop_tags(["x", "y"]) == 0


async def test_a_drop_of_a_tag_with_many_carriers_takes_them_all(store: Store) -> None:
    keys = [f"key-{number}" for number in range(1201)]
    await put(store, *(Entry(key, b"1", 60, ("city",)) for key in keys))
    assert await store.drop_tags(["city"]) == len(keys)
    assert set(await store.get_many(keys)) == {None}


async def test_a_drop_reaches_other_processes(store: Store, peer: Store) -> None:
    await put(store, Entry("a", b"1", 60, ("x",)))
    assert await peer.get_many(["a"]) == [b"1"]
    assert await peer.drop_tags(["x"]) == 1
    assert await store.get_many(["a"]) == [None]


async def test_a_fill_that_a_drop_overtook_is_not_served(store: Store, peer: Store) -> None:
    snapshot = await store.generations(["x", "y"])
    # The department answers with the old state here; then a mutation drops the tag.
    await peer.drop_tags(["x"])
    await store.put_many([Entry("stale", b"old", 60, ("x", "y")), Entry("other", b"1", 60, ("y",))], snapshot)
    assert await store.get_many(["stale", "other"]) == [None, b"1"]
    await put(store, Entry("stale", b"new", 60, ("x", "y")))
    assert await peer.get_many(["stale"]) == [b"new"]


async def test_a_fill_that_was_overtaken_stays_out_after_a_newer_one(store: Store) -> None:
    old = await store.generations(["x"])
    await store.drop_tags(["x"])
    await put(store, Entry("other", b"1", 60, ("x",)))
    await store.put_many([Entry("stale", b"old", 60, ("x",))], old)
    assert await store.get_many(["stale", "other"]) == [None, b"1"]


async def test_one_snapshot_serves_many_fills(store: Store) -> None:
    snapshot = await store.generations(["x"])
    for value in (b"1", b"2"):
        await store.put_many([Entry("a", value, 60, ("x",))], snapshot)
        assert await store.get_many(["a"]) == [value]


async def test_no_reader_sees_an_older_state_than_the_last_finished_drop(store: Store, peer: Store) -> None:
    source, finished = 0, 0

    async def fill(handle: Store) -> None:
        snapshot = await handle.generations(["x"])
        read = source
        await asyncio.sleep(random.uniform(0, 0.003))
        await handle.put_many([Entry("a", b"%d" % read, 60, ("x",))], snapshot)

    async def mutate(handle: Store) -> None:
        nonlocal source, finished
        source += 1
        committed = source
        await handle.drop_tags(["x"])
        finished = max(finished, committed)

    async def read(handle: Store) -> None:
        known = finished
        value = (await handle.get_many(["a"]))[0]
        assert value is None or int(value) >= known, f"served {value!r} after the drop for {known}"

    async def run(handle: Store, chance: random.Random) -> None:
        for _ in range(60):
            step = chance.choices([fill, read, mutate], [4, 5, 1])[0]
            await step(handle)

    runs = [run(handle, random.Random(seed)) for seed in range(4) for handle in (store, peer)]
    await asyncio.gather(*runs)


async def test_a_snapshot_is_current_until_one_of_its_tags_is_dropped(store: Store, peer: Store) -> None:
    snapshot = await store.generations(["a", "b"])
    await put(store, Entry("key", b"1", 60, ("a", "b", "other")))
    await store.drop_tags(["other"])
    assert await store.is_current(snapshot)
    await peer.drop_tags(["b"])
    assert not await store.is_current(snapshot)
    assert await store.is_current(await store.generations(["a", "b"]))


async def test_a_snapshot_must_cover_the_tags(store: Store) -> None:
    snapshot = await store.generations(["x"])
    with pytest.raises(ValueError, match="snapshot lacks 1 tags"):
        await store.put_many([Entry("a", b"1", 60, ("x", "secret"))], snapshot)
    with pytest.raises(ValueError, match="snapshot lacks"):
        await store.put_many([Entry("a", b"1", 60, ("x",))])


async def test_ping_answers_until_the_store_is_closed(store: Store) -> None:
    await store.ping()
    await store.aclose()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.ping()


async def test_a_closed_store_is_unavailable_and_closes_twice(store: Store) -> None:
    await put(store, Entry("a", b"1", 60))
    await store.aclose()
    await store.aclose()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.get_many(["a"])


async def test_many_callers_at_once(store: Store) -> None:
    async def one(number: int) -> None:
        await put(store, Entry(f"key-{number}", b"%d" % number, 60, (f"tag-{number % 7}",)))
        assert await store.get_many([f"key-{number}"]) == [b"%d" % number]

    await asyncio.gather(*(one(number) for number in range(100)))


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf"), 367 * 86400])
def test_an_impossible_ttl_is_refused(ttl: float) -> None:
    with pytest.raises(ValueError, match="ttl is"):
        Entry("a", b"1", ttl)


def test_too_many_tags_are_refused() -> None:
    with pytest.raises(ValueError, match="65 tags; at most 64"):
        Entry("a", b"1", 1, tuple(map(str, range(65))))


def test_neither_entry_nor_snapshot_shows_what_it_holds() -> None:
    shown = repr(Entry("secret-key", b"secret-value", 1, ("secret-tag",))) + repr(Snapshot({"secret-tag": 1}))
    assert "secret" not in shown
