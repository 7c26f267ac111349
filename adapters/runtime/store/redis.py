"""The shared store in Redis or Valkey, single or cluster, for processes on many machines."""

import math
from collections.abc import Iterable, Sequence

from adapters.runtime.store.contract import NO_TAGS, Carriers, Entry, Snapshot
from adapters.runtime.store.owed import OwedDrops
from adapters.runtime.store.redis_layout import (
    DIGEST_BYTES,
    FRESH_GENERATION_MS,
    LONGEST_HEADER,
    REGISTER,
    TOKEN_BYTES,
    Layout,
    digest_of,
    new_token,
    pack,
    stamps_of,
    value_of,
)
from adapters.runtime.store.redis_wire import Command, Wire

_PAGE = 500


class RedisStore:
    """Values in a server that may be cut off, evict or restart at any time; see `redis_layout` for the keys.

    A hit costs two round trips when entries have tags: the entries, then the generations of their tags.
    """

    def __init__(self, wire: Wire, *, prefix: str) -> None:
        self._wire = wire
        self._layout = Layout(prefix)
        self._owed = OwedDrops()

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """Return values whose every tag still has the generation they were stamped with; see `Store`."""
        await self._ready()
        raws = await self._wire.read([self._layout.entry(key) for key in keys])
        stamps = [stamps_of(raw or b"") for raw in raws]
        current = await self._current(stamp for each in stamps for stamp in each)
        return [
            value_of(raw) if raw and current.issuperset(each) else None for raw, each in zip(raws, stamps, strict=True)
        ]

    async def generations(self, tags: Sequence[str]) -> Snapshot:
        """Give each tag that has none a new generation; see `Store`."""
        await self._ready()
        names = [self._layout.generation(digest_of(tag)) for tag in tags]
        begin: list[Command] = [("SET", name, new_token(), "NX", "PX", FRESH_GENERATION_MS) for name in names]
        replies = await self._wire.send([*begin, *(("GET", name) for name in names)])
        # A tag that was dropped between the two commands has no token; zero never matches one.
        tokens = (int.from_bytes(reply or b"") for reply in replies[len(names) :])
        return Snapshot(dict(zip(tags, tokens, strict=True)))

    async def is_current(self, snapshot: Snapshot) -> bool:
        """Compare with the tokens that the tags have now; see `Store`."""
        now = await self.generations(list(snapshot.tokens))
        return 0 not in now.tokens.values() and now.tokens == snapshot.tokens

    async def put_many(self, entries: Sequence[Entry], snapshot: Snapshot = NO_TAGS) -> None:
        """List the entries with their tags, then write those that no drop has overtaken; see `Store`."""
        snapshot.require(entries)
        await self._ready()
        refused = await self._register(entries, snapshot)
        await self._wire.send([self._set(entry, snapshot) for entry in entries if refused.isdisjoint(entry.tags)])

    async def drop_tags(self, tags: Sequence[str]) -> int:
        """Make the carriers unreadable for all processes, then delete them; see `Store`."""
        self._owed.add(tags)
        return await self._drop_owed()

    async def carriers(self, tags: Sequence[str]) -> Carriers:
        """Look at the header of every entry with our prefix, whatever the tags' indexes say; see `Store`."""
        await self._ready()
        digests, found, searched = [digest_of(tag) for tag in tags], 0, 0
        async for page in self._wire.pages(self._layout.every_entry, _PAGE):
            headers = await self._wire.send([("GETRANGE", key, 0, LONGEST_HEADER - 1) for key in page])
            searched += sum(map(bool, headers))
            found += sum(any(_carries(header, digest) for digest in digests) for header in headers)
        return Carriers(found, searched)

    async def ping(self) -> None:
        """Read one key, which a cluster without all its slots refuses; see `Store`."""
        await self._ready()
        await self._wire.read([self._layout.entry("")])

    async def aclose(self) -> None:
        """Close the connections; see `Store`."""
        await self._wire.aclose()

    async def _ready(self) -> None:
        self._wire.check()
        if self._owed:
            await self._drop_owed()

    async def _current(self, stamps: Iterable[bytes]) -> set[bytes]:
        digests = list({stamp[:DIGEST_BYTES] for stamp in stamps})
        if not digests:
            return set()
        tokens = await self._wire.read([self._layout.generation(digest) for digest in digests])
        return {digest + token for digest, token in zip(digests, tokens, strict=True) if token}

    async def _register(self, entries: Sequence[Entry], snapshot: Snapshot) -> set[str]:
        members: dict[str, list[bytes | int]] = {}
        for entry in entries:
            for tag in dict.fromkeys(entry.tags):
                members.setdefault(tag, []).extend((self._layout.entry(entry.key), _milliseconds(entry.ttl)))
        replies = await self._wire.send(
            [self._listing(tag, _token(snapshot, tag), listed) for tag, listed in members.items()]
        )
        return {tag for tag, listed in zip(members, replies, strict=True) if not listed}

    def _listing(self, tag: str, token: bytes, members: Sequence[bytes | int]) -> Command:
        digest = digest_of(tag)
        keys = (self._layout.generation(digest), self._layout.index(digest))
        return ("EVAL", REGISTER, len(keys), *keys, token, *members)

    def _set(self, entry: Entry, snapshot: Snapshot) -> Command:
        stamps = [digest_of(tag) + _token(snapshot, tag) for tag in dict.fromkeys(entry.tags)]
        packed = pack(stamps, entry.value)
        return ("SET", self._layout.entry(entry.key), packed, "PX", _milliseconds(entry.ttl))

    async def _drop_owed(self) -> int:
        count = 0
        while tags := self._owed.some(_PAGE):
            count += await self._drop([digest_of(tag) for tag in tags])
            self._owed.settle(tags)
        return count

    async def _drop(self, digests: Sequence[bytes]) -> int:
        unlink: list[Command] = [("UNLINK", self._layout.generation(digest)) for digest in digests]
        replies = await self._wire.send([*unlink, *map(self._page, digests)])
        pages = zip(digests, replies[len(digests) :], strict=True)
        return sum([await self._sweep(digest, members) for digest, members in pages])

    def _page(self, digest: bytes) -> Command:
        return ("ZRANGE", self._layout.index(digest), 0, _PAGE - 1)

    async def _sweep(self, digest: bytes, members: Sequence[bytes]) -> int:
        count = 0
        while members:
            headers = await self._wire.send([("GETRANGE", key, 0, LONGEST_HEADER - 1) for key in members])
            carriers = [key for key, header in zip(members, headers, strict=True) if _carries(header, digest)]
            unlink: list[Command] = [("UNLINK", key) for key in carriers]
            strike: Command = ("ZREM", self._layout.index(digest), *members)
            replies = await self._wire.send([*unlink, strike, self._page(digest)])
            members = replies.pop()
            count += sum(replies[: len(carriers)])
        return count


def _carries(header: bytes, digest: bytes) -> bool:
    return any(stamp.startswith(digest) for stamp in stamps_of(header))


def _token(snapshot: Snapshot, tag: str) -> bytes:
    return snapshot.tokens[tag].to_bytes(TOKEN_BYTES)


def _milliseconds(ttl: float) -> int:
    return math.ceil(ttl * 1000)
