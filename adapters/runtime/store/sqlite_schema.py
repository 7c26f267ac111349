"""The tables of the SQLite store and how a connection to them is opened."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.runtime.sql.write_ahead import write_ahead
from adapters.runtime.store.contract import StoreUnavailable

SCHEMA_VERSION = 1
_SETTINGS = """
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA journal_size_limit = 4194304;
PRAGMA cache_size = -4096;
"""
_TABLES = (
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, expires REAL NOT NULL, value BLOB NOT NULL)",
    "CREATE INDEX entry_expires ON entry (expires)",
    "CREATE TABLE tagged (tag TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,"
    " PRIMARY KEY (tag, entry)) WITHOUT ROWID",
    "CREATE INDEX tagged_entry ON tagged (entry)",
    "CREATE TABLE dropped (tag TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX dropped_at ON dropped (at)",
    "CREATE TABLE clock (now INTEGER NOT NULL)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


def connect(path: Path, *, timeout: float) -> sqlite3.Connection:
    """Open the file, readable by its owner only, and create what it lacks."""
    path.touch(mode=0o600, exist_ok=True)
    database = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        write_ahead(database, timeout=timeout)
        database.executescript(_SETTINGS)
        with writing(database):
            _create(database, path)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """Hold the file's write lock for one transaction."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _create(database: sqlite3.Connection, path: Path) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA_VERSION:
        return
    if version != 0 or database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise StoreUnavailable(f"{path} has schema version {version}; a store's file has {SCHEMA_VERSION}")
    for statement in _TABLES:
        database.execute(statement)
    # Microseconds as the first tick: the clock of a file that replaces another one is never behind it.
    database.execute("INSERT INTO clock VALUES (?)", (time.time_ns() // 1000,))
