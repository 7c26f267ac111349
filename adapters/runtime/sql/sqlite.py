"""A SQLite file: for the processes of one machine, durable at every commit."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from adapters.runtime.sql.contract import Database, DatabaseUnavailable, Tables
from adapters.runtime.sql.write_ahead import write_ahead

T = TypeVar("T")
_SETTINGS = ("PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON", "PRAGMA journal_size_limit = 4194304")


class SqliteConnections:
    """One connection in one thread; a file that other processes write waits up to `timeout` seconds."""

    def __init__(
        self, path: Path, tables: Tables, *, timeout: float = 5.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._tables = tables
        self._timeout = timeout
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{tables.what}-sqlite")
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self.now = clock

    async def run(self, work: Callable[[Database], T], *, writes: bool) -> T:
        """In the one thread, shielded: a caller that goes away does not leave a transaction half done."""
        if self._closed:
            raise DatabaseUnavailable(f"the {self._tables.what} {self._path} is closed")
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work, writes)
        return await asyncio.shield(running)

    async def aclose(self) -> None:
        """Close the file and end the thread."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown(wait=False)

    # What follows runs in the one thread.

    def _transact(self, work: Callable[[Database], T], writes: bool) -> T:  # through the executor
        try:
            database = self._connect()
            database.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                result = work(SqliteDatabase(database))
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")
        except (sqlite3.Error, OSError) as exc:
            self._disconnect()
            raise DatabaseUnavailable(f"{self._path}: {type(exc).__name__}: {exc}") from exc
        return result

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        write_ahead(connection, timeout=self._timeout)
        for statement in _SETTINGS:
            connection.execute(statement)
        connection.execute("BEGIN IMMEDIATE")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            for statement in self._tables.statements("BLOB"):
                connection.execute(statement)
        elif self._tables.version_table not in tables:
            raise DatabaseUnavailable(f"{self._path} is a file of something else than the {self._tables.what}")
        else:
            row = connection.execute(f"SELECT version FROM {self._tables.version_table}").fetchone()
            self._tables.require(f"{self._path}", row[0])
        connection.execute("COMMIT")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SqliteDatabase:
    """`Database` over one connection; who writes is alone."""

    skip_locked = for_update = ""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As the protocol says."""
        return self._connection.execute(statement.replace("%s", "?"), parameters).fetchall()

    def change(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """As the protocol says."""
        return self._connection.execute(statement.replace("%s", "?"), parameters).rowcount
