"""Switch a SQLite file to its write-ahead log, also while other processes do the same."""

import sqlite3
import time

_PAUSE = 0.005


def write_ahead(connection: sqlite3.Connection, *, timeout: float) -> None:
    """Keep the file's changes in a log beside it, so that who reads does not wait for who writes.

    SQLite does not wait for its lock here, so processes that first open a new file together would collide: this waits
    up to `timeout` seconds. Raises: sqlite3.OperationalError when the file is locked for longer.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return
