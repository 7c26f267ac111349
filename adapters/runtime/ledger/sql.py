"""The ledger in SQL, one text for every database: the statements, and the engine that runs them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from adapters.runtime.ledger.contract import ENDED, WAITING, Entry, State
from adapters.runtime.sql import Connections, Database, Tables

T = TypeVar("T")
COLUMNS = tuple(field.name for field in msgspec.structs.fields(Entry))
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
TABLE = "citygate_filing"
VERSION_TABLE = "citygate_ledger"
VERSION = 1


def schema(blob: str) -> tuple[str, ...]:
    """The statements that create the tables; `blob` is the database's type for bytes."""
    return (
        f'CREATE TABLE {TABLE} ("reference" TEXT PRIMARY KEY, "key" TEXT UNIQUE, "owner" TEXT,'
        ' "fingerprint" TEXT NOT NULL, "department" TEXT NOT NULL, "operation" TEXT NOT NULL, "state" TEXT NOT NULL,'
        ' "attempts" INTEGER NOT NULL, "created" DOUBLE PRECISION NOT NULL, "updated" DOUBLE PRECISION NOT NULL,'
        f' "due" DOUBLE PRECISION, "holder" TEXT, "order" {blob}, "outcome" {blob}, "trouble" TEXT,'
        f' "basis" TEXT, "actor" {blob})',
        f'CREATE INDEX {TABLE}_due ON {TABLE} ("due") WHERE "due" IS NOT NULL',
        f'CREATE INDEX {TABLE}_owner ON {TABLE} ("owner", "created") WHERE "owner" IS NOT NULL',
        f'CREATE INDEX {TABLE}_state ON {TABLE} ("state", "updated")',
        f"CREATE TABLE {VERSION_TABLE} (version INTEGER NOT NULL)",
        f"INSERT INTO {VERSION_TABLE} VALUES ({VERSION})",
    )


TABLES = Tables("ledger", VERSION_TABLE, VERSION, schema)


class SqlEngine:
    """`Engine` over a database; what each method promises is said there."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def now(self) -> float:
        """The connections' clock."""
        return self._connections.now()

    async def add(self, entry: Entry, keys: Sequence[str]) -> Entry | None:
        """One INSERT, which the unique key refuses to the second of two."""
        return await self._connections.run(partial(_add, entry, keys), writes=True)

    async def take(self, reference: str, holder: str, until: float) -> Entry | None:
        """Read and lease in one transaction."""
        return await self._connections.run(partial(_take, reference, holder, until, self.now()), writes=True)

    async def claim(self, holder: str, until: float, limit: int) -> Sequence[Entry]:
        """Look first without a lock: mostly there is nothing."""
        now = self.now()
        if not await self._connections.run(partial(_any_due, now), writes=False):
            return ()
        return await self._connections.run(partial(_claim, holder, until, now, limit), writes=True)

    async def settle(self, entry: Entry, holder: str) -> bool:
        """The lease is compared in the UPDATE itself."""
        return await self._connections.run(partial(_settle, entry, holder), writes=True)

    async def get(self, reference: str) -> Entry | None:
        """By the primary key."""
        return await self._connections.run(partial(_get, reference), writes=False)

    async def of_owner(self, owners: Collection[str], limit: int, *, basis: str | None = None) -> Sequence[Entry]:
        """By the index on owner and time."""
        where, parameters = f'WHERE "owner" IN ({_places(owners)})', (*owners,)
        if basis is not None:
            where, parameters = f'{where} AND "basis" = %s', (*parameters, basis)
        where += ' ORDER BY "created" DESC LIMIT %s'
        return await self._connections.run(partial(_select, where, (*parameters, limit)), writes=False)

    async def listed(self, states: Collection[State], limit: int) -> Sequence[Entry]:
        """By the index on state and time."""
        where = f'WHERE "state" IN ({_places(states)}) ORDER BY "updated" LIMIT %s'
        parameters = (*(state.value for state in states), limit)
        return await self._connections.run(partial(_select, where, parameters), writes=False)

    async def decide(self, entry: Entry, was: State) -> bool:
        """The state is compared in the UPDATE itself."""
        return await self._connections.run(partial(_decide, entry, was), writes=True)

    async def purge(self, ended_before: float) -> int:
        """One DELETE."""
        return await self._connections.run(partial(_purge, ended_before), writes=True)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()


def _add(entry: Entry, keys: Sequence[str], database: Database) -> Entry | None:
    if keys:
        where = f'WHERE "key" IN ({_places(keys)}) AND "reference" <> %s LIMIT 1'
        for found in _select(where, (*keys, entry.reference), database):
            return found
    statement = f"INSERT INTO {TABLE} ({_NAMES}) VALUES ({_places(COLUMNS)}) ON CONFLICT DO NOTHING"
    if database.change(statement, _row(entry)):
        return None
    others = _select('WHERE "key" = %s OR "reference" = %s', (entry.key, entry.reference), database)
    return next((each for each in others if each.reference != entry.reference), None)


def _take(reference: str, holder: str, until: float, now: float, database: Database) -> Entry | None:
    where = f'WHERE "reference" = %s {database.skip_locked}'
    for found in _select(where, (reference,), database):
        leased = found.state is State.SENDING and found.due is not None and found.due > now
        if found.state in ENDED or found.state is State.DESK or leased:
            return None
        _lease(reference, holder, until, now, database)
        return found
    return None


def _any_due(now: float, database: Database) -> bool:
    return bool(database.rows(f'SELECT 1 FROM {TABLE} WHERE "due" <= %s LIMIT 1', (now,)))


def _claim(holder: str, until: float, now: float, limit: int, database: Database) -> list[Entry]:
    where = f'WHERE "due" <= %s ORDER BY "due" LIMIT %s {database.skip_locked}'
    found = _select(where, (now, limit), database)
    for entry in found:
        _lease(entry.reference, holder, until, None, database)
    return found


def _lease(reference: str, holder: str, until: float, sent: float | None, database: Database) -> None:
    statement = (
        f'UPDATE {TABLE} SET "state" = %s, "holder" = %s, "due" = %s, "updated" = COALESCE(%s, "updated")'
        ' WHERE "reference" = %s'
    )
    database.change(statement, (State.SENDING.value, holder, until, sent, reference))


_SETTLED = ("state", "attempts", "updated", "due", "holder", "order", "outcome", "trouble")
_SET = ", ".join(f'"{name}" = %s' for name in _SETTLED)


def _settle(entry: Entry, holder: str, database: Database) -> bool:
    where = 'WHERE "reference" = %s AND "state" = %s AND "holder" = %s'
    parameters = (*_settled(entry), entry.reference, State.SENDING.value, holder)
    return database.change(f"UPDATE {TABLE} SET {_SET} {where}", parameters) == 1


def _decide(entry: Entry, was: State, database: Database) -> bool:
    where = 'WHERE "reference" = %s AND "state" = %s'
    return database.change(f"UPDATE {TABLE} SET {_SET} {where}", (*_settled(entry), entry.reference, was.value)) == 1


def _get(reference: str, database: Database) -> Entry | None:
    return next(iter(_select('WHERE "reference" = %s', (reference,), database)), None)


def _purge(ended_before: float, database: Database) -> int:
    states = [state.value for state in State if state not in WAITING and state is not State.DESK]
    where = f'WHERE "state" IN ({_places(states)}) AND "updated" < %s'
    return database.change(f"DELETE FROM {TABLE} {where}", (*states, ended_before))


def _select(where: str, parameters: Sequence[Any], database: Database) -> list[Entry]:
    rows = database.rows(f"SELECT {_NAMES} FROM {TABLE} {where}", parameters)
    return [Entry(**{**dict(zip(COLUMNS, row, strict=True)), "state": State(row[6])}) for row in rows]


def _row(entry: Entry) -> tuple[Any, ...]:
    return tuple(_plain(getattr(entry, name)) for name in COLUMNS)


def _settled(entry: Entry) -> tuple[Any, ...]:
    return tuple(_plain(getattr(entry, name)) for name in _SETTLED)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, State) else value


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))
