"""The embedded store in the process: bounded by bytes, least recently used goes first.

Entries that come together, with the same tags and the same time to live, are a batch: they expire, are dropped and
evicted together, so that a list of a hundred costs little more than one. A batch takes at most a quarter of the store.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import groupby
from operator import attrgetter
from sys import getsizeof

import msgspec

from adapters.runtime.store.contract import NO_TAGS, Carriers, Entry, Snapshot, StoreUnavailable

# Bytes that CPython 3.11 takes for one batch, one entry, one tag and one tag of a batch beside the strings themselves:
# measured with tracemalloc as the worst case just after a table has grown.
BATCH_COST = 900
ENTRY_COST = 230
TAG_COST = 420
MEMBERSHIP_COST = 200
MOST_DROPS = 4096
_BATCHES = 4
_KIND = attrgetter("ttl", "tags")
_PAIR = attrgetter("key", "value")


class _Tag(msgspec.Struct, eq=False):
    name: str
    batches: "dict[_Batch, None]"


class _Batch(msgspec.Struct, eq=False):
    """`values` are those that are still of this batch; what it costs is given back when none is."""

    number: int
    expires: float
    tags: tuple[_Tag, ...]
    cost: int
    values: dict[str, bytes]


class DropLog:
    """When each tag was last dropped, by a clock that counts drops; old ones fold into one floor."""

    def __init__(self, limit: int = MOST_DROPS) -> None:
        self._limit = limit
        self._last: OrderedDict[str, int] = OrderedDict()
        self._floor = 0
        self.now = 0

    def add(self, tags: Iterable[str]) -> None:
        """Note that the tags are dropped now."""
        self.now += 1
        for tag in tags:
            self._last[tag] = self.now
            self._last.move_to_end(tag)
        while len(self._last) > self._limit:
            self._floor = self._last.popitem(last=False)[1]

    def is_current(self, tag: str, taken: int) -> bool:
        """Say whether the tag was certainly not dropped after `taken`."""
        return taken >= self._last.get(tag, 0) and taken >= self._floor


class MemoryStore:
    """Values in this process's memory, handed out without copying and gone with the process."""

    def __init__(self, *, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._items: dict[str, _Batch] = {}
        self._batches: OrderedDict[int, _Batch] = OrderedDict()
        self._tags: dict[str, _Tag] = {}
        self._drops = DropLog()
        self._expiries: list[tuple[float, int]] = []
        self._begun = 0
        self._closed = False
        self.used_bytes = 0

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """Return the very objects that were put; see `Store`."""
        return self.get_at_once(keys)

    def get_at_once(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """As `get_many`, for whoever knows that this store need not be waited for."""
        self._purge()
        items = self._items
        return [None if key not in items else self._get(key) for key in keys]

    async def generations(self, tags: Sequence[str]) -> Snapshot:
        """Cost nothing to remember: only drops leave a trace; see `Store`."""
        return self.generations_at_once(tags)

    def generations_at_once(self, tags: Sequence[str]) -> Snapshot:
        """As `generations`, for whoever knows that this store need not be waited for."""
        if self._closed:
            self._check_open()
        return Snapshot(dict.fromkeys(tags, self._drops.now))

    async def is_current(self, snapshot: Snapshot) -> bool:
        """Compare with the drops of this process; see `Store`."""
        self._check_open()
        return all(self._drops.is_current(tag, taken) for tag, taken in snapshot.tokens.items())

    async def put_many(self, entries: Sequence[Entry], snapshot: Snapshot = NO_TAGS) -> None:
        """Evict the least recently used until the budget holds; see `Store`."""
        snapshot.require(entries)
        self._purge()
        outdated = {name for name, taken in snapshot.tokens.items() if not self._drops.is_current(name, taken)}
        current = [one for one in entries if outdated.isdisjoint(one.tags)] if outdated else entries
        for (ttl, tags), alike in groupby(current, _KIND):
            self._put(ttl, tuple(dict.fromkeys(tags)), map(_PAIR, alike))

    def put_at_once(self, values: dict[str, bytes], ttl: float, tag: str, snapshot: Snapshot) -> None:
        """As `put_many` of entries that all have one time to live and one tag, which the snapshot covers.

        `values` are the store's own from then on.
        """
        self._purge()
        if not values or not self._drops.is_current(tag, snapshot.tokens[tag]):
            return
        cost = BATCH_COST + MEMBERSHIP_COST + ENTRY_COST * len(values)
        cost += sum(map(getsizeof, values)) + sum(map(getsizeof, values.values()))
        if cost > self._max_bytes // _BATCHES:
            self._put(ttl, (tag,), values.items())
        else:
            self._begin(ttl, (tag,), values, cost)

    async def drop_tags(self, tags: Sequence[str]) -> int:
        """Remove from this process only; see `Store`."""
        self._purge()
        self._drops.add(tags)
        doomed = {batch for tag in tags if (known := self._tags.get(tag)) for batch in known.batches}
        count = sum(len(batch.values) for batch in doomed)
        for batch in doomed:
            self._remove(batch)
        return count

    async def carriers(self, tags: Sequence[str]) -> Carriers:
        """Look through this process only; see `Store`."""
        self._purge()
        wanted = set(tags)
        carrying = [one for one in self._batches.values() if not wanted.isdisjoint(tag.name for tag in one.tags)]
        return Carriers(sum(len(one.values) for one in carrying), len(self._items))

    async def ping(self) -> None:
        """Fail only once closed; see `Store`."""
        self._check_open()

    async def aclose(self) -> None:
        """Forget everything; see `Store`."""
        self._closed = True
        self._items.clear()
        self._batches.clear()
        self._tags.clear()
        self._expiries.clear()
        self.used_bytes = 0

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the memory store is closed")

    def _get(self, key: str) -> bytes | None:
        batch = self._items.get(key)
        if batch is None:
            return None
        self._batches.move_to_end(batch.number)
        return batch.values[key]

    def _put(self, ttl: float, names: tuple[str, ...], pairs: Iterable[tuple[str, bytes]]) -> None:
        least, limit = BATCH_COST + MEMBERSHIP_COST * len(names), self._max_bytes // _BATCHES
        values: dict[str, bytes] = {}
        cost = least
        for key, value in pairs:
            more = ENTRY_COST + getsizeof(value) + getsizeof(key)
            if values and cost + more > limit:
                self._begin(ttl, names, values, cost)
                values, cost = {}, least
            if least + more > self._max_bytes:
                self._forget(key)
                values.pop(key, None)
                continue
            values[key] = value
            cost += more
        if values:
            self._begin(ttl, names, values, cost)

    def _begin(self, ttl: float, names: tuple[str, ...], values: dict[str, bytes], cost: int) -> None:
        for key in self._items.keys() & values.keys():
            self._forget(key)
        self._begun += 1
        tags = tuple(map(self._tag, names))
        batch = _Batch(self._begun, self._clock() + ttl, tags, cost, values)
        for tag in tags:
            tag.batches[batch] = None
        self._batches[batch.number] = batch
        self._items.update(dict.fromkeys(values, batch))
        self.used_bytes += cost
        self._expect(batch)
        if self.used_bytes > self._max_bytes:
            self._evict()

    def _evict(self) -> None:
        while self.used_bytes > self._max_bytes:
            self._remove(next(iter(self._batches.values())))

    def _tag(self, name: str) -> _Tag:
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = _Tag(name, {})
            self.used_bytes += TAG_COST + getsizeof(name)
        return tag

    def _forget(self, key: str) -> None:
        batch = self._items.pop(key, None)
        if batch is None:
            return
        del batch.values[key]
        if not batch.values:
            self._remove(batch)

    def _remove(self, batch: _Batch) -> None:
        del self._batches[batch.number]
        self.used_bytes -= batch.cost
        for tag in batch.tags:
            del tag.batches[batch]
            if not tag.batches:
                del self._tags[tag.name]
                self.used_bytes -= TAG_COST + getsizeof(tag.name)
        for key in batch.values:
            del self._items[key]

    def _expect(self, batch: _Batch) -> None:
        heappush(self._expiries, (batch.expires, batch.number))
        if len(self._expiries) > 2 * len(self._batches) + 64:
            self._expiries = [(one.expires, one.number) for one in self._batches.values()]
            heapify(self._expiries)

    def _purge(self) -> None:
        if self._closed:
            self._check_open()
        now = self._clock()
        while self._expiries and self._expiries[0][0] <= now:
            batch = self._batches.get(heappop(self._expiries)[1])
            if batch is not None:
                self._remove(batch)
