"""Everything that is kept about a person goes, from the store and from the memory of every gateway on it.

An erasure drops the person's tag, which makes all of it unreadable at once, and is noted in the store for a minute.
Each gateway reads the notes twice a second, also when nobody asks it anything, forgets what it has in memory, and
reports how much that was. Neither a note nor a report says who it was about: both have the tag only.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping

import msgspec

from adapters.runtime.sharing import person_tag
from adapters.runtime.store import FOR_ALL, Carriers, Entry, Store, StoreUnavailable

NOTES = f"{FOR_ALL}erasures"
NOTED_FOR = 60.0
READ_EVERY = 0.4
REPORTED_WITHIN = 1.5
"""Seconds in which every gateway that is there has reported: the reading, and its patience with the store."""
SETTLED_AFTER = 0.1
"""Seconds after which whoever had read a value before has written it."""
ATTEMPTS = 10
MOST_REPORTS = 128
Forget = Callable[[str], Mapping[str, int]]
"""Forgets what this process has with a tag: how many of what."""


class NotErased(Exception):
    """The store does not keep the note: what is in the store is gone, other gateways have not been told."""


class Note(msgspec.Struct, frozen=True, array_like=True):
    """One erasure, until a time (seconds since the epoch)."""

    id: str
    tag: str
    until: float


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What one gateway had in memory, by what it was."""

    gateway: str
    forgotten: dict[str, int]


class Erased(msgspec.Struct, frozen=True):
    """What was removed where; `left` is what a search of the whole store finds afterwards."""

    from_store: int
    left: Carriers
    reports: tuple[Report, ...]


class Erasures:
    """The store's notes as one gateway sees them, which has a name among all.

    `forget_all` empties its memory where it may have missed some.
    """

    def __init__(self, store: Store, name: str, forget: Forget, forget_all: Callable[[], None]) -> None:
        self._store, self._name = store, name
        self._forget, self._forget_all = forget, forget_all
        self._seen: frozenset[str] = frozenset()
        self._read_at = time.monotonic()

    async def watch(self) -> None:
        """Read the notes for ever."""
        while True:
            await asyncio.sleep(READ_EVERY)
            try:
                await self.look()
            except StoreUnavailable:
                continue  # without it nothing that was kept is served; what was missed, `look` makes good

    async def look(self) -> None:
        """Read the notes, and do what is new in them. Raises: StoreUnavailable."""
        notes = await _read(self._store)
        if time.monotonic() - self._read_at > NOTED_FOR / 2:
            self._forget_all()
        self._read_at = time.monotonic()
        new = [note for note in notes if note.id not in self._seen]
        self._seen = frozenset(note.id for note in notes)
        for note in new:
            await self._report(note, Report(self._name, dict(self._forget(note.tag))))

    async def _report(self, note: Note, report: Report) -> None:
        """Put it where no other is; two who choose the same place both look again."""
        value = msgspec.msgpack.encode(report)
        for _ in range(ATTEMPTS):
            places = _places(note.id)
            taken = await self._store.get_many(places)
            free = [place for place, found in zip(places, taken, strict=True) if found is None]
            place = secrets.choice(free or places)
            await self._store.put_many([Entry(place, value, NOTED_FOR)])
            await asyncio.sleep(SETTLED_AFTER)
            if await self._store.get_many([place]) == [value]:
                return


async def erase(store: Store, subject: str) -> Erased:
    """Remove everything about a person from the store and from every gateway on it.

    Raises: StoreUnavailable before anything is certain, and NotErased.
    """
    tag = person_tag(subject)
    dropped = await store.drop_tags([tag])
    note = Note(secrets.token_hex(8), tag, time.time() + NOTED_FOR)
    await _write(store, note)
    await asyncio.sleep(REPORTED_WITHIN)
    reports = {report.gateway: report for report in await _reports(store, note.id)}
    return Erased(dropped, await store.carriers([tag]), tuple(reports.values()))


async def _read(store: Store) -> list[Note]:
    (value,) = await store.get_many([NOTES])
    try:
        notes = msgspec.msgpack.decode(value, type=list[Note]) if value else []
    except msgspec.DecodeError:  # of another version
        notes = []
    now = time.time()
    return [note for note in notes if note.until > now]


async def _write(store: Store, note: Note) -> None:
    """Add a note. Two who do so at once both succeed: each reads back, and adds again what the other overwrote."""
    for _ in range(ATTEMPTS):
        notes = [one for one in await _read(store) if one.id != note.id]
        await store.put_many([Entry(NOTES, msgspec.msgpack.encode([*notes, note]), NOTED_FOR)])
        await asyncio.sleep(SETTLED_AFTER)
        if note in await _read(store):
            return
    raise NotErased(f"the store does not keep the note: {ATTEMPTS} attempts were overwritten or forgotten")


async def _reports(store: Store, identifier: str) -> list[Report]:
    found = await store.get_many(_places(identifier))
    return [msgspec.msgpack.decode(value, type=Report) for value in found if value is not None]


def _places(identifier: str) -> list[str]:
    return [f"{FOR_ALL}erased:{identifier}:{number}" for number in range(MOST_REPORTS)]
