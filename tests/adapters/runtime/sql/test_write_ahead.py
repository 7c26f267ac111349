"""Processes that first open a new SQLite file together wait for each other, and not for ever."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.runtime.sql.write_ahead import write_ahead


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, held by another one who writes it without a write-ahead log."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE one (id INTEGER)")
        other.execute("BEGIN EXCLUSIVE")
        yield other


def opened(path: Path, timeout: float) -> str:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as mine:
        write_ahead(mine, timeout=timeout)
        mode: str = mine.execute("PRAGMA journal_mode").fetchone()[0]
        return mode


async def test_who_comes_while_another_has_the_file_waits(tmp_path: Path) -> None:
    with locked(tmp_path / "a.db") as other:
        mine = asyncio.create_task(asyncio.to_thread(opened, tmp_path / "a.db", 30.0))
        await asyncio.sleep(0.05)
        assert not mine.done()
        other.execute("COMMIT")
        assert await mine == "wal"


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    with locked(tmp_path / "a.db"), pytest.raises(sqlite3.OperationalError, match="locked"):
        opened(tmp_path / "a.db", 0.02)
