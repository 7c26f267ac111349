"""The access log of one process: what is written to it, what a person reads in it, and whether it is whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from adapters.contract.records import PersonId
from adapters.contract.usage import LogBroken, UsagePage, UsageUnavailable
from adapters.runtime.audit import tables
from adapters.runtime.audit.chain import BEGINNING, Verifier
from adapters.runtime.audit.contract import Contents, Point, Row
from adapters.runtime.audit.papers import Papers, month_of
from adapters.runtime.audit.recorder import Bounds, Recorder
from adapters.runtime.sealing import Unsealable
from adapters.runtime.sql import Connections, Database, DatabaseUnavailable

PAGE = 1000
"""Rows that are read or deleted in one transaction."""


class Verified(NamedTuple):
    """A chain that holds: how many entries there are, after which, and its head; None for an empty log."""

    entries: int
    after: int
    head: Point | None


class AuditLog:
    """Reads and writes the access log. `keep` is how many seconds an entry is kept."""

    def __init__(
        self,
        connections: Connections,
        papers: Papers,
        *,
        keep: float,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connections, self._papers, self._keep, self._clock = connections, papers, keep, clock
        self.recorder = Recorder(connections, papers, bounds, self.prune, clock)

    async def answers(self) -> bool:
        """Whether the database is there."""
        try:
            await self._connections.run(tables.head_of, writes=False)
        except DatabaseUnavailable:
            return False
        return True

    async def of_person(
        self, person: PersonId, *, most: int, older_than: str | None, newer_than: str | None, oldest_first: bool
    ) -> UsagePage:
        """As `adapters.contract.usage.UsageLog` says."""
        below, above = _number(older_than), _number(newer_than)
        read = partial(
            _page, persons=self._papers.persons(person), below=below, above=above, most=most, ascending=oldest_first
        )
        try:
            rows, contents, newer, total = await self._connections.run(read, writes=False)
            entries = [self._papers.usage(row, contents) for row in rows]
        except (DatabaseUnavailable, Unsealable, KeyError) as exc:
            raise UsageUnavailable("the access log cannot be read") from exc
        return UsagePage(entries=tuple(entries), newer=newer, total=total)

    async def verify(self, *, expected: tuple[tuple[int, bytes], ...] = ()) -> Verified:
        """Check every entry from the oldest on. `expected` are heads that were noted elsewhere at some time.

        Raises: LogBroken; UsageUnavailable.
        """
        try:
            while True:
                points = await self._connections.run(_points, writes=False)
                try:
                    return await self._verify(*points, dict(expected))
                except LogBroken:
                    if (await self._connections.run(tables.pruned_of, writes=False)) == points[0]:
                        raise  # else it was deleted while we read
        except DatabaseUnavailable as exc:
            raise UsageUnavailable(str(exc)) from exc

    async def _verify(
        self, pruned: Point | None, head: Point | None, last: int, expected: dict[int, bytes]
    ) -> Verified:
        self._look_at_points(pruned, head, last)
        start = (pruned.seq, pruned.hash) if pruned else (0, BEGINNING)
        verifier = Verifier(*start)
        while head is not None and verifier.seq < head.seq:
            rows, contents = await self._connections.run(partial(_rows, verifier.seq), writes=False)
            if not rows:
                break
            for row in rows[: head.seq - verifier.seq]:
                verifier.take(row, contents)
                if expected.get(row.seq, row.hash) != row.hash:
                    raise LogBroken(row.seq, "its hash is not the one that was expected: it was replaced")
        verifier.end(head.seq if head else 0, head.hash if head else BEGINNING)
        missing = [seq for seq in expected if seq > verifier.seq]
        if missing:
            raise LogBroken(verifier.seq + 1, f"it is missing, and all up to {max(missing)}: the log was cut off")
        return Verified(verifier.count, start[0], head)

    def _look_at_points(self, pruned: Point | None, head: Point | None, last: int) -> None:
        for name, point in (("head", head), ("point up to which it was deleted", pruned)):
            if point is not None and not self._papers.is_sealed(point):
                raise LogBroken(point.seq, f"the {name} was not set by a gateway with the key")
        if last > (head.seq if head else 0):
            raise LogBroken(last, "it comes after the head: it was not written by a gateway")

    async def rows(self, after: int, limit: int) -> list[tuple[Row, Contents]]:
        """Rows after one, each with the descriptions that are there. Raises: UsageUnavailable."""
        try:
            rows, contents = await self._connections.run(partial(_rows, after, limit=limit), writes=False)
        except DatabaseUnavailable as exc:
            raise UsageUnavailable(str(exc)) from exc
        return [(row, contents) for row in rows]

    async def prune(self) -> int:
        """Delete what is older than it is kept. Raises: DatabaseUnavailable."""
        deleted, now = 0, self._clock()
        before = now - self._keep
        while True:
            work = partial(
                tables.prune,
                before=round(before * 1e6),
                month=month_of(before),
                limit=PAGE,
                at=round(now * 1e6),
                seal=self._papers.seal,
            )
            count = await self._connections.run(work, writes=True)
            deleted += count
            if count < PAGE:
                return deleted

    async def aclose(self) -> None:
        """Write what is left, and close the database."""
        await self.recorder.aclose()
        await self._connections.aclose()


def _number(identifier: str | None) -> int | None:
    if identifier is None:
        return None
    if not (identifier.isascii() and identifier.isdecimal() and len(identifier) < 19):
        raise ValueError("it is no id of an entry")
    return int(identifier)


def _page(
    database: Database, *, persons: Sequence[bytes], below: int | None, above: int | None, most: int, ascending: bool
) -> tuple[list[Row], dict[bytes, str], int, int]:
    """Rows, the newest first, with their descriptions, how many newer ones there are, and how many in all."""
    rows = tables.rows_of_person(database, persons, below=below, above=above, limit=most, ascending=ascending)
    if ascending:
        rows.reverse()
    newer = tables.count_of_person(database, persons, above=rows[0].seq if rows else (below or 1) - 1)
    total = tables.count_of_person(database, persons)
    return rows, tables.contents_of(database, {row.what for row in rows}), newer, total


def _rows(after: int, database: Database, *, limit: int = PAGE) -> tuple[list[Row], dict[bytes, str]]:
    rows = tables.rows_after(database, after, limit)
    return rows, tables.contents_of(database, {row.what for row in rows})


def _points(database: Database) -> tuple[Point | None, Point | None, int]:
    last = tables.last_of(database)  # before the head, which goes on meanwhile
    return tables.pruned_of(database), tables.head_of(database), last
