"""Rates in the store's SQLite file, for the processes of one machine."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from adapters.runtime.store.contract import StoreUnavailable
from adapters.runtime.store.rates.contract import MICROSECONDS, Bucket, Taken, taken
from adapters.runtime.store.sqlite_schema import connect, writing

_TABLE = (
    "CREATE TABLE IF NOT EXISTS rate (name TEXT PRIMARY KEY, full_at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS rate_full_at ON rate (full_at)",
)
_PURGE_EVERY = 256


class SqliteRates:
    """Buckets in a file; each take is one transaction, in a thread of its own."""

    def __init__(self, path: Path, *, timeout: float, clock: Callable[[], float] = time.time) -> None:
        self._path, self._timeout, self._clock = path, timeout, clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rates-sqlite")
        self._connection: sqlite3.Connection | None = None
        self._takes = 0
        self._closed = False

    async def take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        """See `Rates`."""
        if self._closed:
            raise StoreUnavailable(f"the rates {self._path} are closed")
        work = partial(self._guard, buckets, least, most)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def aclose(self) -> None:
        """Close the file and end the thread; see `Rates`."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown(wait=False)

    # What follows runs in the thread.

    def _guard(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        try:
            return self._take(buckets, least, most)
        except (sqlite3.Error, OSError) as exc:
            self._disconnect()
            raise StoreUnavailable(f"{self._path}: {type(exc).__name__}") from exc

    def _take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        database = self._connect()
        with writing(database):
            now = int(self._clock() * MICROSECONDS)
            self._takes += 1
            if self._takes % _PURGE_EVERY == 0:
                database.execute("DELETE FROM rate WHERE full_at <= ?", (now,))
            outcome, then = taken(now, [_full_at(database, one.name) for one in buckets], buckets, least, most)
            if outcome.given:
                rows = [(one.name, at) for one, at in zip(buckets, then, strict=True)]
                database.executemany("INSERT OR REPLACE INTO rate (name, full_at) VALUES (?, ?)", rows)
        return outcome

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, timeout=self._timeout)
            for statement in _TABLE:
                self._connection.execute(statement)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _full_at(database: sqlite3.Connection, name: str) -> int:
    row = database.execute("SELECT full_at FROM rate WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])
