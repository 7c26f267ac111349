"""Records kept in the store: named by digests, encoded once, dropped by tag when a person's data changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import msgspec

from adapters.contract.manifest import Personal
from adapters.contract.operations import Operation
from adapters.runtime.bound import Bound
from adapters.runtime.sharing import SharingKey, digest, digests, person_tag
from adapters.runtime.store import Entry, Snapshot, Store, StoreUnavailable
from adapters.runtime.store.memory import MemoryStore

LONG = 32 * 1024
"""Bytes of a value that takes long to read."""
MOST_DECODED = 16
_encode = msgspec.json.Encoder().encode


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What the department said about one key and when; `value` is None when it had nothing.

    `scope` is whom it was asked for. `since` has its tags' generations from before it was read; None when nothing is
    kept. `stale` is the reason for which it is served although it is no longer fresh.
    """

    as_of: datetime
    value: Any
    scope: SharingKey
    cached: bool = False
    since: Snapshot | None = None
    stale: str | None = None


class Decoded:
    """The last long public values with what they hold, so that one that is asked for again and again is read once."""

    def __init__(self, most: int = MOST_DECODED) -> None:
        self._most = most
        self._found: OrderedDict[str, tuple[bytes, Any]] = OrderedDict()

    def get(self, name: str, value: bytes) -> Any | None:
        """What a value holds, if it is the one that was read."""
        known, found = self._found.get(name, (None, None))
        return found if known == value else None

    def put(self, name: str, value: bytes, found: Any) -> None:
        """Remember it in the place of the oldest."""
        self._found.pop(name, None)
        self._found[name] = (value, found)
        if len(self._found) > self._most:
            self._found.popitem(last=False)


class RecordCache:
    """Answers by name. A store that does not answer is no cache, and no error.

    `forgotten` is told the tags of what was dropped.
    """

    def __init__(self, store: Store, forgotten: Callable[[Sequence[str]], object] = lambda tags: None) -> None:
        self._store = store
        self._here = store if isinstance(store, MemoryStore) else None
        self._forgotten = forgotten
        self._decoded = Decoded()

    def names(
        self, bound: Bound, sharing: SharingKey, variant: tuple[str, ...], keys: Sequence[Hashable]
    ) -> dict[Hashable, str]:
        """The name of each key's answer, also for shared flights: digests, unless no name leaves this process."""
        return (names_of if self._here is None else names_here)(bound, sharing, variant, keys)

    def tags(self, bound: Bound, sharing: SharingKey) -> tuple[str, ...]:
        """The tags of such answers: the first is `tag`; where others can reach them, also that of the person's all."""
        return tags_of(bound, sharing) if self._here is None else (tag(bound, sharing),)

    async def kept(self, bound: Bound, since: Snapshot | None, names: Sequence[str]) -> dict[str, Kept]:
        """What is kept, fresh or not, by name; `since` has the generations of its tags."""
        if since is None:
            return {}
        try:
            here = self._here
            values = await self._store.get_many(names) if here is None else here.get_at_once(names)
        except StoreUnavailable:
            return {}
        return self._decode(bound, zip(names, values, strict=True), since) if any(values) else {}

    def _decode(self, bound: Bound, values: Iterable[tuple[str, bytes | None]], since: Snapshot) -> dict[str, Kept]:
        """What is kept, without what a gateway with other records has kept: that is asked for again."""
        decode, public = _decoder(bound.operation).decode, bound.provided.personal is Personal.PUBLIC
        found: dict[str, Kept] = {}
        for name, value in values:
            if value is None:
                continue
            long = public and len(value) > LONG
            kept = self._decoded.get(name, value) if long else None
            if kept is None:
                try:
                    kept = decode(value)
                except msgspec.DecodeError:
                    continue
                if long:
                    self._decoded.put(name, value, kept)
            as_of, record, scope = kept
            found[name] = Kept(as_of, record, scope, cached=True, since=since)
        return found

    async def before(self, bound: Bound, tags: Sequence[str]) -> Snapshot | None:
        """To be taken before anything is read; None when nothing will be kept."""
        if not bound.kept_for:
            return None
        try:
            here = self._here
            return await self._store.generations(tags) if here is None else here.generations_at_once(tags)
        except StoreUnavailable:
            return None

    async def current(self, since: Snapshot | None) -> bool:
        """Whether certainly nothing was dropped since the snapshot."""
        try:
            return since is not None and await self._store.is_current(since)
        except StoreUnavailable:
            return False

    async def keep(
        self, bound: Bound, tags: tuple[str, ...], answers: Mapping[str, Kept], since: Snapshot | None
    ) -> None:
        """Keep answers, unless one of their tags was dropped since the snapshot."""
        if since is None:
            return
        values = {name: _encode((kept.as_of, kept.value, kept.scope)) for name, kept in answers.items()}
        try:
            if self._here is not None:
                self._here.put_at_once(values, bound.kept_for, tags[0], since)
                return
            entries = [Entry(name, value, bound.kept_for, tags) for name, value in values.items()]
            await self._store.put_many(entries, since)
        except StoreUnavailable:
            return

    async def forget(self, tags: Sequence[str]) -> None:
        """Drop every answer that has one of the tags."""
        self._forgotten(tags)
        try:
            await self._store.drop_tags(tags)
        except StoreUnavailable:
            return


def names_of(
    bound: Bound, sharing: SharingKey, variant: tuple[str, ...], keys: Iterable[Hashable]
) -> dict[Hashable, str]:
    """The name under which each key's answer is kept; `variant` is what else shapes it (language, fields)."""
    return digests(_common(bound, sharing, variant), keys)


def names_here(
    bound: Bound, sharing: SharingKey, variant: tuple[str, ...], keys: Iterable[Hashable]
) -> dict[Hashable, str]:
    """As `names_of`, but as plain as the records themselves are here: what all keys have in common, and the key."""
    common = _plain(_common(bound, sharing, variant))
    return {key: f"{common}:{key}" if type(key) is str else f"{common}={_plain(key)}" for key in keys}


def _common(bound: Bound, sharing: SharingKey, variant: tuple[str, ...]) -> tuple[Hashable, ...]:
    return (bound.department, sharing.basis, bound.operation.name, sharing.subject, variant)


def _plain(part: Hashable) -> str:
    return _encode(part).decode()


def tag(bound: Bound, sharing: SharingKey) -> str:
    """The tag of all answers through one port of one department about one person, on whatever ground."""
    return tags_of(bound, sharing)[0]


def tags_of(bound: Bound, sharing: SharingKey) -> tuple[str, ...]:
    """All tags of such answers: `tag`, and that of everything about the person."""
    return _tags(bound.department, bound.port, sharing.subject)


def forget_names() -> None:
    """Remember no person by whom something was asked for."""
    _tags.cache_clear()


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


@lru_cache(2048)
def _tags(department: str, port: str, subject: str | None) -> tuple[str, ...]:
    group = digest("tag", department, port, subject)
    return (group,) if subject is None else (group, person_tag(subject))


@cache
def _decoder(operation: Operation) -> msgspec.json.Decoder[tuple[datetime, Any, SharingKey]]:
    return msgspec.json.Decoder(tuple[datetime, operation.result | None, SharingKey])  # type: ignore[name-defined]
