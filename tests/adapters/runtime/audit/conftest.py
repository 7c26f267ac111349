"""Access logs on real databases, and a way to write to them behind their backs."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from adapters.contract.usage import Description, Seen, Use, UsedData, UseKind, What
from adapters.runtime.audit import AuditLog, open_audit

KEY = "a key of the tests"
NOW = 1_790_000_000.0


def what(operation: str = "Home", field: str = "TaxPayment.amount") -> What:
    data = UsedData(department="taxation", operations=("tax.payments",), fields=(field,), cached=False)
    return What(Description(kind=UseKind.READ, basis="self", purpose="own_use", operation=operation, data=(data,)))


WHAT = what()


def seen(person: str = "ann", at: float = NOW, *, actor: str | None = None, of: What = WHAT, trace: str = "a") -> Seen:
    return (Use(person, actor, "app", of), at, trace.encode() * 32)


class Place:
    """Where a log is: its URL, and its database for whoever has the file."""

    def __init__(self, url: str, connect: Callable[[], sqlite3.Connection]) -> None:
        self.url = url
        self._connect = connect

    def execute(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        with closing(self._connect()) as database, database:
            return list(database.execute(statement, parameters).fetchall())


Opens = Callable[..., AuditLog]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    path = tmp_path / "audit.db"
    return Place(f"sqlite://{path}", lambda: sqlite3.connect(path))


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
