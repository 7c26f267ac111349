"""Nothing that was taken is lost or written twice while the process lives; and nothing is taken that could not be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.records import PersonId
from adapters.contract.usage import UsageUnavailable
from adapters.runtime.audit.log import AuditLog
from adapters.runtime.audit.papers import Papers
from adapters.runtime.audit.recorder import Bounds
from adapters.runtime.audit.tables import TABLES
from adapters.runtime.sealing import AesGcmSealer
from adapters.runtime.sql import Connections, Database, DatabaseUnavailable, open_connections
from tests.adapters.runtime.audit.conftest import KEY, NOW, seen


class Unsteady:
    """Connections that fail as they are told to: before the work, or after it was done."""

    def __init__(self, inner: Connections) -> None:
        self._inner = inner
        self.away = self.forgets_to_say = False
        self.now = inner.now
        self.held: asyncio.Event | None = None

    async def run(self, work: Callable[[Database], Any], *, writes: bool) -> Any:
        if self.away and writes:
            raise DatabaseUnavailable("away")
        result = await self._inner.run(work, writes=writes)
        if self.held is not None:
            await self.held.wait()
        if self.forgets_to_say and writes:
            self.forgets_to_say = False
            raise DatabaseUnavailable("the connection broke while it was committed")
        return result

    async def aclose(self) -> None:
        await self._inner.aclose()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def connections(tmp_path: Path) -> Unsteady:
    return Unsteady(open_connections(f"sqlite://{tmp_path / 'audit.db'}", TABLES))


@pytest.fixture
async def log(connections: Unsteady) -> AsyncIterator[AuditLog]:
    papers = Papers(AesGcmSealer([KEY.encode()], "audit"))
    bounds = Bounds(interval=0.005, patience=20.0, most=10)
    log = AuditLog(connections, papers, keep=1e9, bounds=bounds, clock=Clock())
    yield log
    await log.aclose()


def impatient(log: AuditLog) -> None:
    log.recorder._bounds = replace(log.recorder._bounds, patience=0.05)


async def count(log: AuditLog) -> int:
    return sum([row.times for row, _ in await log.rows(0, 1000)])


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # plain values
            await asyncio.sleep(0.002)


async def test_what_was_taken_is_written_by_itself(log: AuditLog) -> None:
    assert log.recorder.accepts(NOW)
    log.recorder.append(seen())
    await until(lambda: not log.recorder._queue and not log.recorder._writing)
    assert await count(log) == 1


async def test_a_batch_whose_commit_was_not_confirmed_is_not_written_twice(
    log: AuditLog, connections: Unsteady
) -> None:
    connections.forgets_to_say = True
    for person in ("ann", "bob", "ann"):
        log.recorder.append(seen(person))
    assert log.recorder.accepts(NOW)
    await log.recorder.settled()
    assert not connections.forgets_to_say
    assert await count(log) == 3
    assert (await log.verify()).entries == 2


async def test_while_the_log_is_away_so_much_waits_and_then_nothing_is_accepted(
    log: AuditLog, connections: Unsteady
) -> None:
    connections.away = True
    taken = 0
    while log.recorder.accepts(NOW):
        log.recorder.append(seen(f"person {taken}"))
        taken += 1
        await asyncio.sleep(0.001)
    assert taken == 10
    connections.away = False
    await until(lambda: log.recorder.accepts(NOW))
    await log.recorder.settled()
    assert (await log.verify()).entries == 10


async def test_what_waits_for_too_long_lets_nothing_more_be_seen(log: AuditLog, connections: Unsteady) -> None:
    connections.away = True
    assert log.recorder.accepts(NOW)
    log.recorder.append(seen())
    await until(lambda: bool(log.recorder._writing))
    assert log.recorder.accepts(NOW + 19.9)
    assert not log.recorder.accepts(NOW + 20.1)
    connections.away = False
    await until(lambda: log.recorder.accepts(NOW + 20.1))


async def test_who_waits_for_the_log_is_told_that_it_is_away(log: AuditLog, connections: Unsteady) -> None:
    impatient(log)
    connections.away = True
    assert log.recorder.accepts(NOW)
    log.recorder.append(seen())
    with pytest.raises(UsageUnavailable):
        await log.recorder.settled()
    log.recorder._bounds = Bounds()
    connections.away = False
    log.recorder.append(seen())
    await log.recorder.settled()
    assert await count(log) == 2


async def test_what_is_settled_is_on_disk(log: AuditLog, tmp_path: Path) -> None:
    assert log.recorder.accepts(NOW)
    log.recorder.append(seen())
    await log.recorder.settled()
    papers = Papers(AesGcmSealer([KEY.encode()], "audit"))
    other = AuditLog(open_connections(f"sqlite://{tmp_path / 'audit.db'}", TABLES), papers, keep=1)
    assert (await other.verify()).entries == 1
    await other.aclose()


async def test_the_end_writes_what_is_left_and_takes_nothing_more(log: AuditLog, tmp_path: Path) -> None:
    assert log.recorder.accepts(NOW)
    for _ in range(5):
        log.recorder.append(seen())
    await log.recorder.aclose()
    assert not log.recorder.accepts(NOW)
    assert await count(log) == 5


async def test_what_the_end_cannot_write_is_counted(
    log: AuditLog, connections: Unsteady, caplog: pytest.LogCaptureFixture
) -> None:
    impatient(log)
    connections.away = True
    assert log.recorder.accepts(NOW)
    log.recorder.append(seen("4711"))
    with caplog.at_level(logging.ERROR):
        await log.recorder.aclose()
    assert "1 uses of personal data are lost" in caplog.text
    assert "4711" not in caplog.text


async def test_an_unforeseen_fault_ends_nothing(log: AuditLog, caplog: pytest.LogCaptureFixture) -> None:
    use, at, trace = seen()
    log.recorder.append((use, at, None))  # type: ignore[arg-type]
    assert log.recorder.accepts(NOW)
    await until(lambda: "cannot be written" in caplog.text)
    assert log.recorder._task is not None
    assert not log.recorder._task.done()
    log.recorder._writing[0] = (use, at, trace)
    await log.recorder.settled()
    assert (await log.of_person(PersonId("ann"), most=1, older_than=None, newer_than=None, oldest_first=False)).total


async def test_who_comes_while_the_last_batch_is_written_waits_for_that_one(
    log: AuditLog, connections: Unsteady
) -> None:
    connections.held = asyncio.Event()
    assert log.recorder.accepts(NOW)
    log.recorder.append(seen())
    await until(lambda: bool(log.recorder._writing))
    waiting = asyncio.create_task(log.recorder.settled())
    await asyncio.sleep(0)
    assert log.recorder._waiting
    connections.held.set()
    async with asyncio.timeout(10):
        await waiting
    assert await count(log) == 1


async def test_in_a_burst_there_is_room_after_a_moment_and_none_while_the_log_is_away(
    log: AuditLog, connections: Unsteady
) -> None:
    connections.held = asyncio.Event()
    while log.recorder.accepts(NOW):
        log.recorder.append(seen())
    waiting = asyncio.create_task(log.recorder.room())
    await asyncio.sleep(0)
    connections.held.set()
    assert await waiting
    connections.away, connections.held = True, None
    while log.recorder.accepts(NOW):
        log.recorder.append(seen())
    await until(lambda: log.recorder._failing)
    async with asyncio.timeout(0.5):
        assert not await log.recorder.room()
    connections.away = False
