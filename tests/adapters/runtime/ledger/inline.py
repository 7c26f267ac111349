"""The ledger's SQL over SQLite in memory, run at once in the event loop: so every interleaving can be played."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from opentelemetry.trace import NoOpTracer

from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.ledger import Ledger, Means, Papers, Patience
from adapters.runtime.ledger.contract import LedgerUnavailable
from adapters.runtime.ledger.sql import SqlEngine, schema
from adapters.runtime.sealing import AesGcmSealer
from adapters.runtime.sql import Database
from adapters.runtime.sql.sqlite import SqliteDatabase
from adapters.runtime.stages.guards import Guards
from adapters.runtime.store import Store
from tests.adapters.runtime.notes import PATIENT

T = TypeVar("T")
SECRET = b"a secret for tests only"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


class Inline:
    """`Connections` that several engines may share, as processes share a file; while `away`, nothing works."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.now = clock or Clock()
        self.away = 0
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for statement in schema("BLOB"):
            self.connection.execute(statement)

    async def run(self, work: Callable[[Database], T], *, writes: bool) -> T:
        del writes
        if self.away:
            self.away -= 1
            raise LedgerUnavailable("away")
        self.connection.execute("BEGIN")
        try:
            result = work(SqliteDatabase(self.connection))
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result

    async def aclose(self) -> None:
        """Stay open: another process may go on."""


def ledger_over(connections: Inline, *, patience: Patience | None = None) -> Ledger:
    """A ledger as one process has it."""
    patience = patience or Patience(jitter=lambda: 0.0)
    guards = Guards({"archive": PATIENT})
    papers = Papers(AesGcmSealer([SECRET], "ledger"))
    return Ledger(Means(SqlEngine(connections), papers, NoOpTracer(), patience, guards=guards))


def calls_on(store: Store, forgotten: Callable[[Sequence[str]], object] = lambda _tags: None) -> Calls:
    """All calls of one process over a store, with a ledger of its own."""
    guards = Guards({"archive": PATIENT})
    return Calls(RecordCache(store, forgotten), ledger_over(Inline()), (), NoOpTracer(), guards)
