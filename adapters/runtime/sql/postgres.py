"""PostgreSQL: for gateways on several machines."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg

from adapters.runtime.sql.contract import Database, DatabaseUnavailable, Tables

T = TypeVar("T")
_CREATION = 0x6369747967617465  # "citygate": the advisory lock under which the tables are created
_SETTINGS = (
    "SET synchronous_commit = on",
    "SET statement_timeout = '10s'",
    "SET lock_timeout = '5s'",
    "SET idle_in_transaction_session_timeout = '30s'",
    "SET client_min_messages = warning",
)


class PostgresConnections:
    """Some connections, each in a thread of its own; one that breaks is opened anew for the next work.

    `now` is the server's clock, compared with ours whenever a connection is opened.
    """

    def __init__(
        self, url: str, tables: Tables, *, connections: int = 4, clock: Callable[[], float] | None = None
    ) -> None:
        self._url = url
        self._tables = tables
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix=f"{tables.what}-postgres")
        self._own = threading.local()
        self._open: set[psycopg.Connection[Any]] = set()
        self._ahead = 0.0
        self._clock = clock
        self._closed = False

    def now(self) -> float:
        """The server's time, as far as we know it."""
        return self._clock() if self._clock else time.time() + self._ahead

    async def run(self, work: Callable[[Database], T], *, writes: bool) -> T:
        """In one of the threads, shielded: a caller that goes away does not leave a transaction half done."""
        del writes  # a transaction that only reads takes no lock anyway
        if self._closed:
            raise DatabaseUnavailable(f"the {self._tables.what} is closed")
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, self._transact, work))

    async def aclose(self) -> None:
        """Wait for what is under way, and close all connections."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._threads.shutdown)
            for connection in self._open:
                connection.close()

    # What follows runs in the threads.

    def _transact(self, work: Callable[[Database], T]) -> T:
        try:
            with self._connection().transaction():
                return work(_Postgres(self._connection()))
        except psycopg.Error as exc:
            self._disconnect()
            # The message may quote a row; the class and the code say enough.
            raise DatabaseUnavailable(f"PostgreSQL: {type(exc).__name__} {exc.sqlstate or ''}".strip()) from None

    def _connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
            self._own.connection = connection
            self._open.add(connection)
            self._prepare(connection)
        return connection

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        for setting in _SETTINGS:
            connection.execute(_trusted(setting))
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATION,))
            if _one(connection, f"SELECT to_regclass('{self._tables.version_table}')") is None:
                for statement in self._tables.statements("BYTEA"):
                    connection.execute(_trusted(statement))
            else:
                version = _one(connection, f"SELECT version FROM {self._tables.version_table}")
                self._tables.require("the database", version)
        before = time.time()
        there = float(_one(connection, "SELECT extract(epoch FROM clock_timestamp())"))
        self._ahead = there - (before + time.time()) / 2

    def _disconnect(self) -> None:
        connection: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if connection is not None:
            self._own.connection = None
            self._open.discard(connection)
            connection.close()


class _Postgres:
    skip_locked = "FOR UPDATE SKIP LOCKED"
    for_update = "FOR UPDATE"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(_trusted(statement), parameters).fetchall()

    def change(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self._connection.execute(_trusted(statement), parameters).rowcount


def _one(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(_trusted(statement)).fetchone()
    return None if row is None else row[0]


def _trusted(statement: str) -> bytes:
    """A statement of ours: psycopg takes a `str` only as a literal, so that nothing from outside is in it."""
    return statement.encode()
