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

LONG = 32 * 1024
"""Bytes of a value that takes long to read."""
MOST_DECODED = 16
_encode = msgspec.json.Encoder().encode


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What the department said about one key and when; `value` is None when it had nothing.

    `scope` is whom it was asked for. `since` has its tags' generations from before it was read; None when nothing is
    kept.
    """

    as_of: datetime
    value: Any
    scope: SharingKey
    cached: bool = False
    since: Snapshot | None = None


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
    """Fresh answers by name. A store that does not answer is no cache, and no error.

    `forgotten` is told the tags of what was dropped.
    """

    def __init__(self, store: Store, forgotten: Callable[[Sequence[str]], object] = lambda tags: None) -> None:
        self._store = store
        self._forgotten = forgotten
        self._decoded = Decoded()

    async def fresh(self, bound: Bound, since: Snapshot | None, names: Sequence[str]) -> dict[str, Kept]:
        """What is kept and fresh, by name; `since` has the generations of its tags."""
        if since is None:
            return {}
        try:
            values = await self._store.get_many(names)
        except StoreUnavailable:
            return {}
        return self._decode(bound, zip(names, values, strict=True), since)

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
        if not bound.fresh_for:
            return None
        try:
            return await self._store.generations(tags)
        except StoreUnavailable:
            return None

    async def keep(
        self, bound: Bound, tags: tuple[str, ...], answers: Mapping[str, Kept], since: Snapshot | None
    ) -> None:
        """Keep answers, unless one of their tags was dropped since the snapshot."""
        if since is None:
            return
        entries = [
            Entry(name, _encode((kept.as_of, kept.value, kept.scope)), bound.fresh_for, tags)
            for name, kept in answers.items()
        ]
        try:
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
    return digests((bound.department, sharing.basis, bound.operation.name, sharing.subject, variant), keys)


def tag(bound: Bound, sharing: SharingKey) -> str:
    """The tag of all answers through one port of one department about one person, on whatever ground."""
    return tags_of(bound, sharing)[0]


def tags_of(bound: Bound, sharing: SharingKey) -> tuple[str, ...]:
    """All tags of such answers: `tag`, and that of everything about the person."""
    return _tags(bound.department, bound.operation.port, sharing.subject)


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
