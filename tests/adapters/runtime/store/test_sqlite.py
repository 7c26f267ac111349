"""What only the store in a SQLite file promises: it lasts, stays small, and never holds up the event loop."""

import asyncio
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.runtime.store import Entry, StoreUnavailable
from adapters.runtime.store.sqlite import MOST_DROPS, SqliteStore

MIB = 1 << 20


async def put(store: SqliteStore, *entries: Entry) -> None:
    tags = [tag for entry in entries for tag in entry.tags]
    await store.put_many(entries, await store.generations(tags))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def open_at(path: Path, *, max_bytes: int = 64 * MIB, timeout: float = 0.25) -> SqliteStore:
    return SqliteStore(path / "store.db", max_bytes=max_bytes, timeout=timeout)


async def test_entries_tags_and_drops_last_over_a_restart(tmp_path: Path) -> None:
    first = open_at(tmp_path)
    overtaken = await first.generations(["x", "y"])
    await first.drop_tags(["y"])
    await put(first, Entry("a", b"1", 60, ("x",)), Entry("b", b"2", 60), Entry("c", b"3", 0.01))
    await first.aclose()
    await asyncio.sleep(0.02)
    second = open_at(tmp_path)
    assert await second.get_many(["a", "b", "c"]) == [b"1", b"2", None]
    await second.put_many([Entry("stale", b"old", 60, ("y",)), Entry("fine", b"1", 60, ("x",))], overtaken)
    assert await second.get_many(["stale", "fine"]) == [None, b"1"]
    assert await second.drop_tags(["x"]) == 2
    assert await second.get_many(["a", "b"]) == [None, b"2"]
    await second.aclose()


async def test_waits_while_another_process_creates_the_file(tmp_path: Path) -> None:
    store = open_at(tmp_path, timeout=5)
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ping = asyncio.create_task(store.ping())
        await asyncio.sleep(0.1)
        assert not ping.done()
        other.execute("COMMIT")
    await ping
    await store.aclose()


async def test_the_file_stays_within_its_budget_and_keeps_what_lives_longest(tmp_path: Path) -> None:
    store = open_at(tmp_path, max_bytes=MIB)
    for number in range(400):
        await put(store, Entry(f"key-{number}", bytes(20_000), 1000 + number, (f"tag-{number}",)))
    values = await store.get_many([f"key-{number}" for number in range(400)])
    await store.aclose()
    assert sum(path.stat().st_size for path in files(tmp_path)) < MIB + 5 * MIB
    assert (tmp_path / "store.db").stat().st_size < MIB + 64 * 1024
    kept = [number for number, value in enumerate(values) if value is not None]
    assert kept == list(range(400 - len(kept), 400))
    assert len(kept) > 30


async def test_what_exceeds_the_budget_alone_is_not_kept(tmp_path: Path) -> None:
    store = open_at(tmp_path, max_bytes=MIB)
    await put(store, Entry("a", b"1", 60), Entry("b", b"2", 60), Entry("a", bytes(MIB), 60))
    assert await store.get_many(["a", "b"]) == [None, b"2"]
    await store.aclose()


async def test_erased_values_are_gone_from_the_file(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    await put(store, Entry("a", b"a personal value " * 1000, 60, ("person",)))
    await store.drop_tags(["person"])
    await store.aclose()
    assert b"personal value" not in (tmp_path / "store.db").read_bytes()


async def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    await put(store, Entry("a", b"1", 60))
    for path in files(tmp_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    await store.aclose()


async def test_a_lock_held_elsewhere_makes_it_unavailable_and_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    store = open_at(tmp_path, timeout=0.2)
    await put(store, Entry("a", b"1", 60))
    with locked(tmp_path / "store.db"):
        writing = asyncio.create_task(store.put_many([Entry("b", b"2", 60)]))
        longest, last = 0.0, time.perf_counter()
        while not writing.done():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
        with pytest.raises(StoreUnavailable, match="locked"):
            await writing
    assert longest < 0.15
    await store.put_many([Entry("b", b"2", 60)])
    assert await store.get_many(["a", "b"]) == [b"1", b"2"]
    await store.aclose()


async def test_a_drop_that_found_the_file_locked_is_made_good_before_the_next_read(tmp_path: Path) -> None:
    store = open_at(tmp_path, timeout=0.05)
    await put(store, Entry("a", b"1", 60, ("x",)), Entry("b", b"2", 60))
    with locked(tmp_path / "store.db"), pytest.raises(StoreUnavailable):
        await store.drop_tags(["x"])
    assert await store.get_many(["a", "b"]) == [None, b"2"]
    await store.aclose()


async def test_a_caller_that_goes_away_does_not_take_its_drop_along(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    await put(store, Entry("a", b"1", 60, ("x",)))
    drop = asyncio.create_task(store.drop_tags(["x"]))
    await asyncio.sleep(0)
    drop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drop
    assert await store.get_many(["a"]) == [None]
    await store.aclose()


async def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"a letter, not a database" * 100)
    store = open_at(tmp_path)
    with pytest.raises(StoreUnavailable, match="not a database"):
        await store.ping()
    assert path.read_bytes().startswith(b"a letter")
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE citizen (name)")
    with pytest.raises(StoreUnavailable, match="schema version 0"):
        await store.ping()
    await store.aclose()


async def test_the_log_of_drops_is_bounded_on_the_safe_side(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    old = await store.generations(["never dropped"])
    for number in range(MOST_DROPS + 10):
        await store.drop_tags([f"tag-{number}"])
    await store.put_many([Entry("a", b"1", 60, ("never dropped",))], old)
    assert await store.get_many(["a"]) == [None]
    await store.aclose()
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        assert database.execute("SELECT count(*) FROM dropped").fetchone()[0] <= MOST_DROPS + 1
