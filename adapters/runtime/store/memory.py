"""The embedded store in the process: bounded by bytes, least recently used goes first."""

import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from adapters.runtime.store.contract import NO_TAGS, Entry, Snapshot, StoreUnavailable

# Bytes that CPython 3.11 takes for one entry, one tag and one tag of an entry beside the strings themselves:
# measured with tracemalloc as the worst case just after a table has grown.
ENTRY_COST = 520
TAG_COST = 420
MEMBERSHIP_COST = 200
MOST_DROPS = 4096


@dataclass(slots=True, eq=False)
class _Tag:
    name: str
    keys: dict[str, None]


@dataclass(slots=True, eq=False)
class _Item:
    value: bytes
    expires: float
    tags: tuple[_Tag, ...]
    cost: int


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
        self._items: OrderedDict[str, _Item] = OrderedDict()
        self._tags: dict[str, _Tag] = {}
        self._drops = DropLog()
        self._expiries: list[tuple[float, str]] = []
        self._closed = False
        self.used_bytes = 0

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """Return the very objects that were put; see `Store`."""
        self._purge()
        return [self._get(key) for key in keys]

    async def generations(self, tags: Sequence[str]) -> Snapshot:
        """Cost nothing to remember: only drops leave a trace; see `Store`."""
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
        for entry in entries:
            if all(self._drops.is_current(tag, snapshot.tokens[tag]) for tag in entry.tags):
                self._put(entry)

    async def drop_tags(self, tags: Sequence[str]) -> int:
        """Remove from this process only; see `Store`."""
        self._purge()
        self._drops.add(tags)
        doomed = {key for tag in tags if (known := self._tags.get(tag)) for key in known.keys}
        for key in doomed:
            self._remove(key)
        return len(doomed)

    async def ping(self) -> None:
        """Fail only once closed; see `Store`."""
        self._check_open()

    async def aclose(self) -> None:
        """Forget everything; see `Store`."""
        self._closed = True
        self._items.clear()
        self._tags.clear()
        self._expiries.clear()
        self.used_bytes = 0

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the memory store is closed")

    def _get(self, key: str) -> bytes | None:
        item = self._items.get(key)
        if item is None:
            return None
        self._items.move_to_end(key)
        return item.value

    def _put(self, entry: Entry) -> None:
        self._remove(entry.key)
        names = dict.fromkeys(entry.tags)
        # The key counts twice: the queue of expiries may still hold an older copy of it.
        cost = ENTRY_COST + sys.getsizeof(entry.value) + 2 * sys.getsizeof(entry.key)
        cost += MEMBERSHIP_COST * len(names)
        if cost > self._max_bytes:
            return
        expires = self._clock() + entry.ttl
        tags = tuple(self._tag(name) for name in names)
        for tag in tags:
            tag.keys[entry.key] = None
        self._items[entry.key] = _Item(entry.value, expires, tags, cost)
        self.used_bytes += cost
        self._expect(expires, entry.key)
        while self.used_bytes > self._max_bytes:
            self._remove(next(iter(self._items)))

    def _tag(self, name: str) -> _Tag:
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = _Tag(name, {})
            self.used_bytes += TAG_COST + sys.getsizeof(name)
        return tag

    def _remove(self, key: str) -> None:
        item = self._items.pop(key, None)
        if item is None:
            return
        self.used_bytes -= item.cost
        for tag in item.tags:
            del tag.keys[key]
            if not tag.keys:
                del self._tags[tag.name]
                self.used_bytes -= TAG_COST + sys.getsizeof(tag.name)

    def _expect(self, expires: float, key: str) -> None:
        heappush(self._expiries, (expires, key))
        if len(self._expiries) > 2 * len(self._items) + 64:
            self._expiries = [(item.expires, name) for name, item in self._items.items()]
            heapify(self._expiries)

    def _purge(self) -> None:
        self._check_open()
        now = self._clock()
        while self._expiries and self._expiries[0][0] <= now:
            _, key = heappop(self._expiries)
            item = self._items.get(key)
            if item is not None and item.expires <= now:
                self._remove(key)
