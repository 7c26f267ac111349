"""The embedded store in one SQLite file: lasts over a restart and is shared by the processes of one machine."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from adapters.runtime.store.contract import NO_TAGS, Carriers, Entry, Snapshot, StoreUnavailable
from adapters.runtime.store.owed import OwedDrops
from adapters.runtime.store.sqlite_schema import connect, writing

_Result = TypeVar("_Result")

MOST_DROPS = 4096
_EVICTION_STEP = 8
_DROP_STEP = 500


class SqliteStore:
    """Values in a file; every statement runs in one thread of its own, never on the event loop.

    When the file holds `max_bytes`, the entries that would expire soonest go first. The write-ahead log
    beside it takes up to 4 MiB more.
    """

    def __init__(
        self, path: Path, *, max_bytes: int, timeout: float = 0.25, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-sqlite")
        self._connection: sqlite3.Connection | None = None
        self._owed = OwedDrops()
        self._closed = False

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """Read without the write lock; see `Store`."""
        return await self._run(partial(self._get_many, keys))

    async def generations(self, tags: Sequence[str]) -> Snapshot:
        """Write nothing: only drops leave a trace; see `Store`."""
        return await self._run(partial(self._generations, tags))

    async def is_current(self, snapshot: Snapshot) -> bool:
        """Compare with the drops in the file; see `Store`."""
        return await self._run(partial(self._all_current, snapshot))

    async def put_many(self, entries: Sequence[Entry], snapshot: Snapshot = NO_TAGS) -> None:
        """Compare the generations and write in one transaction; see `Store`."""
        snapshot.require(entries)
        await self._run(partial(self._put_many, entries, snapshot))

    async def drop_tags(self, tags: Sequence[str]) -> int:
        """Delete from the file, for all processes that share it; see `Store`."""
        return await self._run(partial(self._drop_tags, tags))

    async def carriers(self, tags: Sequence[str]) -> Carriers:
        """Look through the file's tags; see `Store`."""
        return await self._run(partial(self._carriers, tags))

    async def ping(self) -> None:
        """Read the file; see `Store`."""
        await self._run(partial(self._get_many, [""]))

    async def aclose(self) -> None:
        """Close the file and end the thread; see `Store`."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        if self._closed:
            raise StoreUnavailable(f"the store {self._path} is closed")
        # Shielded: a caller that goes away must not take a drop with it.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._guard, work))

    # What follows runs in the store's thread.

    def _guard(self, work: Callable[[], _Result]) -> _Result:
        try:
            return work()
        except (sqlite3.Error, OSError) as exc:
            self._disconnect()
            raise StoreUnavailable(f"{self._path}: {type(exc).__name__}: {exc}") from exc

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, timeout=self._timeout)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ready(self) -> sqlite3.Connection:
        database = self._connect()
        if self._owed:
            self._drop_owed(database)
        return database

    def _get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        database, now = self._ready(), self._clock()
        query = "SELECT value FROM entry WHERE key = ? AND expires > ?"
        rows = (database.execute(query, (key, now)).fetchone() for key in keys)
        return [row and row[0] for row in rows]

    def _generations(self, tags: Sequence[str]) -> Snapshot:
        return Snapshot(dict.fromkeys(tags, _ticks(self._ready())))

    def _all_current(self, snapshot: Snapshot) -> bool:
        database = self._ready()
        return all(_is_current(database, tag, taken) for tag, taken in snapshot.tokens.items())

    def _put_many(self, entries: Sequence[Entry], snapshot: Snapshot) -> None:
        database = self._ready()
        with writing(database):
            self._purge(database)
            for entry in entries:
                if all(_is_current(database, tag, snapshot.tokens[tag]) for tag in entry.tags):
                    self._put(database, entry)
                    self._evict(database)

    def _put(self, database: sqlite3.Connection, entry: Entry) -> None:
        database.execute("DELETE FROM entry WHERE key = ?", (entry.key,))
        if len(entry.value) >= self._max_bytes:
            return
        row = (entry.key, self._clock() + entry.ttl, entry.value)
        number = database.execute("INSERT INTO entry (key, expires, value) VALUES (?, ?, ?)", row).lastrowid
        tags = [(tag, number) for tag in dict.fromkeys(entry.tags)]
        database.executemany("INSERT INTO tagged (tag, entry) VALUES (?, ?)", tags)

    def _evict(self, database: sqlite3.Connection) -> None:
        soonest = "DELETE FROM entry WHERE id IN (SELECT id FROM entry ORDER BY expires LIMIT ?)"
        while _used_bytes(database) > self._max_bytes:
            if database.execute(soonest, (_EVICTION_STEP,)).rowcount == 0:
                return

    def _drop_tags(self, tags: Sequence[str]) -> int:
        self._owed.add(tags)
        return self._drop_owed(self._connect())

    def _drop_owed(self, database: sqlite3.Connection) -> int:
        count = 0
        while tags := self._owed.some(_DROP_STEP):
            with writing(database):
                self._purge(database)
                count += _drop(database, tags)
            self._owed.settle(tags)
        return count

    def _carriers(self, tags: Sequence[str]) -> Carriers:
        database, now, wanted = self._ready(), self._clock(), set(tags)
        (searched,) = database.execute("SELECT count(*) FROM entry WHERE expires > ?", (now,)).fetchone()
        every = "SELECT entry.id, tagged.tag FROM tagged JOIN entry ON entry.id = tagged.entry WHERE expires > ?"
        carried = database.execute(every, (now,))
        return Carriers(len({entry for entry, tag in carried if tag in wanted}), int(searched))

    def _purge(self, database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM entry WHERE expires <= ?", (self._clock(),))


def _ticks(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT now FROM clock").fetchone()[0])


def _is_current(database: sqlite3.Connection, tag: str, taken: int) -> bool:
    if taken < _ticks(database) - MOST_DROPS:
        return False
    row = database.execute("SELECT at FROM dropped WHERE tag = ?", (tag,)).fetchone()
    return row is None or row[0] <= taken


def _drop(database: sqlite3.Connection, tags: Iterable[str]) -> int:
    database.execute("UPDATE clock SET now = now + 1")
    now, count = _ticks(database), 0
    for tag in tags:
        carriers = "DELETE FROM entry WHERE id IN (SELECT entry FROM tagged WHERE tag = ?)"
        count += database.execute(carriers, (tag,)).rowcount
        database.execute("INSERT OR REPLACE INTO dropped (tag, at) VALUES (?, ?)", (tag, now))
    database.execute("DELETE FROM dropped WHERE at < ?", (now - MOST_DROPS,))
    return count


def _used_bytes(database: sqlite3.Connection) -> int:
    pages, free, size = (
        int(database.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
