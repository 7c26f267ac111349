"""Breakers that open here open in the other processes on the same store, and close with them.

Best effort: whoever changes leaves a note in the store, and whoever calls looks for notes once a second. A store that
is away leaves each process to what it knows itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import Any

import msgspec

from adapters.runtime.stages.breaker import CLOSED, Breaker
from adapters.runtime.store import Entry, Store, StoreUnavailable

LOOK_AFTER = 0.9
"""Seconds between two looks, which take a moment themselves: a breaker that opens is known within a second."""
KEPT_FOR = 3600.0


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What became of a breaker: when it changed, and until when it is open (seconds since the epoch; 0 for closed)."""

    at: float
    open_until: float


class SharedBreakers:
    """Keeps the breakers of this process in step with those of others. Nobody waits for it."""

    def __init__(self, store: Store, breakers: Mapping[str, Breaker]) -> None:
        self._store, self._breakers = store, breakers
        self._look_at = 0.0
        self._known: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def look(self, now: float) -> None:
        """Look for notes, if the last look was a while ago by a clock that nobody sets."""
        if now < self._look_at:
            return
        self._look_at = now + LOOK_AFTER
        self._start(self._read())

    def changed(self, department: str) -> None:
        """Leave a note about a breaker that has opened or closed here."""
        now = time.time()
        self._known[department] = now
        open_for = self._breakers[department].open_for
        self._start(self._write(department, Note(now, now + open_for if open_for else 0.0)))

    async def _read(self) -> None:
        names = list(self._breakers)
        try:
            values = await self._store.get_many([_key(name) for name in names])
        except StoreUnavailable:
            return
        for name, value in zip(names, values, strict=True):
            if value is not None:
                self._follow(name, value)

    def _follow(self, department: str, value: bytes) -> None:
        try:
            note = msgspec.msgpack.decode(value, type=Note)
        except msgspec.DecodeError:
            return
        if note.at <= self._known.get(department, 0.0):
            return
        self._known[department] = note.at
        breaker, left = self._breakers[department], note.open_until - time.time()
        if left > 0:
            breaker.open(left)
        elif not note.open_until and breaker.state != CLOSED:
            breaker.close()

    async def _write(self, department: str, note: Note) -> None:
        try:
            await self._store.put_many([Entry(_key(department), msgspec.msgpack.encode(note), KEPT_FOR)])
        except StoreUnavailable:
            return

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Look no further."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _key(department: str) -> str:
    return f"breaker:{department}"
