"""Access logs on real databases, and a way to write to them behind their backs."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import psycopg
import pytest

from adapters.contract.usage import Description, Seen, Use, UsedData, UseKind, What
from adapters.runtime.audit import AuditLog, open_audit
from tests.servers.postgres import postgres_schema, postgres_url

__all__ = ["postgres_schema", "postgres_url"]
KEY = "a key of the tests"
NOW = 1_790_000_000.0


def what(operation: str = "Home", field: str = "TaxPayment.amount") -> What:
    data = UsedData(department="taxation", operations=("tax.payments",), fields=(field,), cached=False)
    return What(Description(kind=UseKind.READ, basis="self", purpose="own_use", operation=operation, data=(data,)))


WHAT = what()


def seen(person: str = "ann", at: float = NOW, *, actor: str | None = None, of: What = WHAT, trace: str = "a") -> Seen:
    return (Use(person, actor, "app", of), at, trace.encode() * 32)


class Place:
    """Where a log is: its URL, and its database for whoever can write to it. Parameters are written `?`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def execute(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        if self.url.startswith("sqlite://"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite://"))) as database, database:
                return list(database.execute(statement, parameters).fetchall())
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("?", "%s").encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []


Opens = Callable[..., AuditLog]


on_both = pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
"""For tests of what the database does: once on SQLite in a file, once on a real PostgreSQL."""


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if getattr(request, "param", "sqlite") == "sqlite":
        return Place(f"sqlite://{tmp_path / 'audit.db'}")
    return Place(str(request.getfixturevalue("postgres_schema")))


@pytest.fixture
async def opens(place: Place) -> AsyncIterator[Opens]:
    async with AsyncExitStack() as stack:

        def opened(
            *, keys: tuple[str, ...] = (KEY,), keep: float = 1e9, bounds: tuple[float, float, int] = (0.01, 10.0, 1000)
        ) -> AuditLog:
            log = open_audit(place.url, keys, keep=keep, bounds=bounds)
            stack.push_async_callback(log.aclose)
            return log

        yield opened


async def write(log: AuditLog, *uses: Seen) -> None:
    """Write uses, each in a batch of its own, so that none share an entry."""
    for one in uses:
        assert log.recorder.accepts(one[1])
        log.recorder.append(one)
        await log.recorder.settled()
