"""Whole answers: in this process within a bound of bytes, and behind it in a store that other processes share.

An answer is fresh as long as its shortest part. It carries the tags of everything in it, with their generations from
before it was read. A write in this process drops it at once; a write in another one is seen at the latest a second
later, when the generations are compared again. Where they cannot be, because the store does not answer, nothing is
served.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

import msgspec

from adapters.contract.city import Uses
from adapters.runtime.sharing import digest, person_tag
from adapters.runtime.store import Entry, Snapshot, Store, StoreUnavailable

COHERENT_WITHIN = 1.0
"""Seconds within which a write in another process is seen."""
ENTRY_BYTES = 1024
"""What an entry costs in memory beside its body."""
Owner = tuple[str | None, ...]
"""For whom an answer was made: the person's id, and what else decides about what they may have."""


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """An answer as the shared store has it."""

    body: bytes
    fresh_until: float
    owner: Owner | None
    generations: dict[str, int]
    used: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False)
class Lease:
    """Until when (seconds since the epoch) an answer may be served without a look here; 0 once it is dropped."""

    until: float = 0.0


@dataclass(slots=True, eq=False)
class KeptAnswer:
    """An answer's body, until when (seconds since the epoch) it is fresh, and whose it is: None for everybody's.

    `used` are the departments and operations whose personal data is in it.
    """

    body: bytes = field(repr=False)
    fresh_until: float
    owner: Owner | None = field(repr=False)
    snapshot: Snapshot = field(repr=False)
    compared_at: float
    lease: Lease = field(default_factory=Lease, repr=False)
    used: tuple[tuple[str, str], ...] = ()


class AnswerCache:
    """Answers by key. Who may see an answer is part of its key, so that two keys never share one.

    With `shared`, the store is asked for what this process does not have, and is given what it has made.
    """

    def __init__(self, store: Store, *, shared: bool, max_bytes: int = 8 * 1024 * 1024) -> None:
        self._store = store
        self._shared = shared
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, KeptAnswer] = OrderedDict()
        self._by_tag: dict[str, set[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: Hashable) -> KeptAnswer | None:
        """The fresh answer under a key."""
        kept = self._kept.get(key)
        if kept is None:
            return await self._from_store(key) if self._shared else None
        now = time.time()
        old = now - kept.compared_at > COHERENT_WITHIN
        if now >= kept.fresh_until or (old and not await self._current(kept, now)):
            self._discard(key)
            return None
        if self._kept.get(key) is kept:  # it may have been dropped meanwhile
            self._kept.move_to_end(key)
            if old:
                _let(kept)
        return kept

    async def put(self, key: Hashable, body: bytes, uses: Uses, owner: Owner | None = None) -> KeptAnswer | None:
        """Keep an answer if what it is made of allows it; what was kept, or None. `owner` is None for everybody's."""
        now = time.time()
        if not uses.keep or not uses.generations or uses.fresh_until <= now:
            return None
        used = tuple(sorted({(use.department, use.operation) for use in uses.reads}))
        stored = Stored(body, uses.fresh_until, owner, dict(uses.generations), used)
        if not await self._tag(stored):
            return None
        kept = _kept(stored, compared_at=0.0)
        if not await self._current(kept, now):
            return None
        self._keep(key, kept)
        if self._shared:
            await self._to_store(key, stored, now)
        return kept

    def drop(self, tags: Collection[str]) -> int:
        """Forget in this process every answer in which something with one of the tags is: how many."""
        before = len(self._kept)
        for tag in tags:
            for key in tuple(self._by_tag.get(tag, ())):
                self._discard(key)
        return before - len(self._kept)

    def clear(self) -> None:
        """Forget all answers in this process."""
        for key in tuple(self._kept):
            self._discard(key)

    async def _tag(self, stored: Stored) -> bool:
        """Give an answer that others can reach its person's tag, if it has none yet: False if that cannot be had."""
        person = stored.owner[0] if stored.owner and self._shared else None
        if person is None or (tag := person_tag(person)) in stored.generations:
            return True
        try:
            stored.generations.update((await self._store.generations([tag])).tokens)
        except StoreUnavailable:
            return False
        return True

    def _keep(self, key: Hashable, kept: KeptAnswer) -> None:
        self._discard(key)
        cost = len(kept.body) + ENTRY_BYTES
        if cost > self._max_bytes // 8:
            return
        self._kept[key] = kept
        self._bytes += cost
        for tag in kept.snapshot.tokens:
            self._by_tag.setdefault(tag, set()).add(key)
        _let(kept)
        while self._bytes > self._max_bytes:
            self._discard(next(iter(self._kept)))

    async def _current(self, kept: KeptAnswer, now: float) -> bool:
        kept.compared_at = now
        try:
            return await self._store.is_current(kept.snapshot)
        except StoreUnavailable:
            return False

    async def _from_store(self, key: Hashable) -> KeptAnswer | None:
        try:
            (value,) = await self._store.get_many([_name(key)])
            stored = msgspec.msgpack.decode(value, type=Stored) if value else None
        except (StoreUnavailable, msgspec.DecodeError):
            return None
        now = time.time()
        if stored is None or now >= stored.fresh_until:
            return None
        kept = _kept(stored, compared_at=now)
        self._keep(key, kept)
        return kept

    async def _to_store(self, key: Hashable, stored: Stored, now: float) -> None:
        tags = tuple(stored.generations)
        entry = Entry(_name(key), msgspec.msgpack.encode(stored), stored.fresh_until - now, tags)
        try:
            await self._store.put_many([entry], Snapshot(stored.generations))
        except StoreUnavailable:
            return

    def _discard(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        kept.lease.until = 0.0
        self._bytes -= len(kept.body) + ENTRY_BYTES
        for tag in kept.snapshot.tokens:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]


def _let(kept: KeptAnswer) -> None:
    kept.lease.until = min(kept.fresh_until, kept.compared_at + COHERENT_WITHIN)


def _kept(stored: Stored, *, compared_at: float) -> KeptAnswer:
    snapshot = Snapshot(stored.generations)
    return KeptAnswer(
        stored.body, stored.fresh_until, stored.owner, snapshot, compared_at=compared_at, used=stored.used
    )


def _name(key: Hashable) -> str:
    return digest("answer 2", key)
