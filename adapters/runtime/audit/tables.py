"""The access log in SQL, one text for every database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from adapters.runtime.audit.chain import BEGINNING, linked
from adapters.runtime.audit.contract import Contents, Draft, Point, Row
from adapters.runtime.sql import Database, DatabaseUnavailable, Tables

ENTRY, WHAT, POINT, VERSION_TABLE = "citygate_access", "citygate_access_what", "citygate_access_point", "citygate_audit"
VERSION = 1
HEAD, PRUNED = "head", "pruned"
COLUMNS = tuple(f'"{name}"' for name in Row._fields)
_NAMES = ", ".join(COLUMNS)
_WHAT = ('"name"', '"content"')
ROWS_AT_ONCE = 500
_POINT = tuple(f'"{name}"' for name in Point._fields)
_SET_POINT = ", ".join(f"{name} = %s" for name in _POINT)
Seal = Callable[[int, bytes], str]
"""A keyed digest of a place in the chain."""


def _statements(blob: str) -> Sequence[str]:
    return (
        f'CREATE TABLE {ENTRY} ("seq" BIGINT PRIMARY KEY, "first" BIGINT NOT NULL, "last" BIGINT NOT NULL,'
        f' "times" INTEGER NOT NULL, "person" {blob} NOT NULL, "who" {blob} NOT NULL, "what" {blob} NOT NULL,'
        f' "traces" {blob} NOT NULL, "hash" {blob} NOT NULL)',
        f'CREATE INDEX {ENTRY}_person ON {ENTRY} ("person", "seq")',
        f'CREATE TABLE {WHAT} ("name" {blob} PRIMARY KEY, "content" TEXT NOT NULL)',
        f'CREATE TABLE {POINT} ("name" TEXT PRIMARY KEY, "seq" BIGINT NOT NULL, "hash" {blob} NOT NULL,'
        ' "at" BIGINT NOT NULL, "seal" TEXT NOT NULL)',
        f"CREATE TABLE {VERSION_TABLE} (version INTEGER NOT NULL)",
        f"INSERT INTO {VERSION_TABLE} VALUES ({VERSION})",
    )


TABLES = Tables("audit", VERSION_TABLE, VERSION, _statements)


class Writing(NamedTuple):
    """One batch of a writer, at a time (microseconds), and what seals the head after it."""

    writer: str
    batch: int
    at: int
    seal: Seal


def append(database: Database, drafts: Iterable[Draft], contents: Contents, writing: Writing) -> None:
    """Append rows to the chain under the lock of its head, once: a batch that is there already is not repeated.

    Raises: DatabaseUnavailable for a log that has no head any more.
    """
    writer, batch, at, seal = writing
    head = _locked_head(database, at, seal)
    mine = _point(database, writer)
    if mine is not None and mine.seq >= batch:
        return
    _insert(database, WHAT, _WHAT, list(contents.items()), missing=True)
    rows, seq, previous = [], head.seq, head.hash
    for draft in drafts:
        seq += 1
        rows.append(linked(previous, seq, draft))
        previous = rows[-1].hash
    _insert(database, ENTRY, COLUMNS, rows)
    _set_point(database, HEAD, Point(seq, previous, at, seal(seq, previous)))
    _set_point(database, writer, Point(batch, b"", at, ""))


def _insert(
    database: Database, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, missing: bool = False
) -> None:
    """Insert rows, many with a statement: what waits for each row's end waits for the other threads each time."""
    row = f"({', '.join(['%s'] * len(columns))})"
    otherwise = " ON CONFLICT DO NOTHING" if missing else ""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        values = ", ".join([row] * len(part))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}{otherwise}"
        database.change(statement, tuple(chain.from_iterable(part)))


def _locked_head(database: Database, at: int, seal: Seal) -> Point:
    head = _point(database, HEAD, database.for_update)
    if head is not None:
        return head
    if database.rows(f"SELECT 1 FROM {ENTRY} LIMIT 1"):
        raise DatabaseUnavailable("the access log has entries and no head: citygate audit verify")
    first = (HEAD, 0, BEGINNING, at, seal(0, BEGINNING))
    _insert(database, POINT, ('"name"', *_POINT), [first], missing=True)
    head = _point(database, HEAD, database.for_update)
    assert head is not None
    return head


def head_of(database: Database) -> Point | None:
    """Where the chain ends; None for a log that was never written."""
    return _point(database, HEAD)


def last_of(database: Database) -> int:
    """The number of the last row; 0 when there is none."""
    return int(database.rows(f"SELECT COALESCE(MAX(seq), 0) FROM {ENTRY}")[0][0])


def pruned_of(database: Database) -> Point | None:
    """The last entry that was deleted; None when none was."""
    return _point(database, PRUNED)


def _point(database: Database, name: str, locked: str = "") -> Point | None:
    found = database.rows(f'SELECT {", ".join(_POINT)} FROM {POINT} WHERE "name" = %s {locked}', (name,))
    return Point(*found[0]) if found else None


def _set_point(database: Database, name: str, point: Point) -> None:
    if not database.change(f'UPDATE {POINT} SET {_SET_POINT} WHERE "name" = %s', (*point, name)):
        _insert(database, POINT, ('"name"', *_POINT), [(name, *point)])


def rows_after(database: Database, seq: int, limit: int) -> list[Row]:
    """The rows after an entry, in order."""
    found = database.rows(f'SELECT {_NAMES} FROM {ENTRY} WHERE "seq" > %s ORDER BY "seq" LIMIT %s', (seq, limit))
    return [Row(*row) for row in found]


def contents_of(database: Database, names: Collection[bytes]) -> dict[bytes, str]:
    """Descriptions by name; one that is missing is absent."""
    if not names:
        return {}
    places = ", ".join(["%s"] * len(names))
    statement = f'SELECT "name", "content" FROM {WHAT} WHERE "name" IN ({places})'
    return dict(database.rows(statement, tuple(names)))


def rows_of_person(
    database: Database, persons: Collection[bytes], *, below: int | None, above: int | None, limit: int, ascending: bool
) -> list[Row]:
    """Up to `limit` rows of a person, under any of the digests, with a number between two."""
    where, parameters = _of_person(persons)
    for sign, bound in (("<", below), (">", above)):
        if bound is not None:
            where, parameters = f'{where} AND "seq" {sign} %s', (*parameters, bound)
    order = "ASC" if ascending else "DESC"
    statement = f'SELECT {_NAMES} FROM {ENTRY} WHERE {where} ORDER BY "seq" {order} LIMIT %s'
    return [Row(*row) for row in database.rows(statement, (*parameters, limit))]


def count_of_person(database: Database, persons: Collection[bytes], *, above: int = 0) -> int:
    """How many rows with a greater number are about a person."""
    where, parameters = _of_person(persons)
    return int(database.rows(f'SELECT COUNT(*) FROM {ENTRY} WHERE {where} AND "seq" > %s', (*parameters, above))[0][0])


def _of_person(persons: Collection[bytes]) -> tuple[str, tuple[object, ...]]:
    return f'"person" IN ({", ".join(["%s"] * len(persons))})', tuple(persons)


def prune(database: Database, *, before: int, month: bytes, limit: int, at: int, seal: Seal) -> int:
    """Delete the oldest rows, all of which ended before a time (microseconds), and descriptions from before a month.

    What remains begins after a sealed point, so that it can still be verified. Gives how many were deleted.
    """
    _locked_head(database, at, seal)
    oldest = database.rows(f'SELECT "seq", "hash", "last" FROM {ENTRY} ORDER BY "seq" LIMIT %s', (limit,))
    ended = []
    for seq, digest, last in oldest:
        if last >= before:
            break
        ended.append((seq, digest))
    if not ended:
        return 0
    seq, digest = ended[-1]
    _set_point(database, PRUNED, Point(seq, digest, at, seal(seq, digest)))
    database.change(f'DELETE FROM {ENTRY} WHERE "seq" <= %s', (seq,))
    database.change(f'DELETE FROM {WHAT} WHERE "name" < %s', (month,))
    database.change(f'DELETE FROM {POINT} WHERE "name" NOT IN (%s, %s) AND "at" < %s', (HEAD, PRUNED, before))
    return len(ended)
