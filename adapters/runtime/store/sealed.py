"""A store that others can reach, of which nobody without the keys learns anything.

Names of entries and tags become keyed digests, and values are sealed in the place of their name: with the engine alone,
nobody can read a value, move it to another name, or find out whether a person has one. All of it is sealed, whoever
it is about: so nothing depends on somebody's having said that it is personal.

Where keys are rotated, gateways with other rings stand beside each other. So an entry carries its tags by every key of
the ring, and a drop reaches them by every key: each gateway finds those by the keys that both have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.runtime.sealing import Sealer, Unsealable
from adapters.runtime.store.contract import (
    FOR_ALL,
    MOST_TAGS,
    NO_TAGS,
    Carriers,
    Entry,
    Snapshot,
    Store,
    StoreUnavailable,
)

MARK = "\0"
"""Between a tag and the name of an older key: how a snapshot tells a tag by that key from the tag itself."""


class SealedStore:
    """A store over another one. What does not open is absent.

    A value under a name `FOR_ALL` that does not open is StoreUnavailable: it must not be taken for absent and replaced.
    """

    def __init__(self, engine: Store, sealer: Sealer) -> None:
        self._engine, self._sealer = engine, sealer
        self._older = {f"{MARK}{name}": number for number, name in enumerate(sealer.key_names) if number}
        self.unsealable = 0

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """Open what is there; see `Store`."""
        names = [self._name(key) for key in keys]
        values = await self._engine.get_many(names)
        return [None if value is None else self._open(value, name) for name, value in zip(names, values, strict=True)]

    async def generations(self, tags: Sequence[str]) -> Snapshot:
        """Take them by every key; see `Store`."""
        names = self._tag_names(tags)
        tokens = (await self._engine.generations(list(names.values()))).tokens
        return Snapshot({tag: tokens[name] for tag, name in names.items()})

    async def is_current(self, snapshot: Snapshot) -> bool:
        """Compare those that the snapshot has; see `Store`."""
        return await self._engine.is_current(self._translated(snapshot))

    async def put_many(self, entries: Sequence[Entry], snapshot: Snapshot = NO_TAGS) -> None:
        """Seal and put, without what has too many tags by every key together; see `Store`."""
        snapshot.require(entries)
        names = {tags: tuple(self._tag_names(tags).values()) for tags in {entry.tags for entry in entries}}
        sealed = [self._sealed(one, names[one.tags]) for one in entries if len(names[one.tags]) <= MOST_TAGS]
        await self._engine.put_many(sealed, self._translated(snapshot))

    async def drop_tags(self, tags: Sequence[str]) -> int:
        """Drop them by every key; see `Store`."""
        return await self._engine.drop_tags(list(self._tag_names(tags).values()))

    async def carriers(self, tags: Sequence[str]) -> Carriers:
        """Look for them by every key; see `Store`."""
        return await self._engine.carriers(list(self._tag_names(tags).values()))

    async def ping(self) -> None:
        """See `Store`."""
        await self._engine.ping()

    async def aclose(self) -> None:
        """See `Store`."""
        await self._engine.aclose()

    def _name(self, key: str) -> str:
        return key if key.startswith(FOR_ALL) else self._sealer.digests("entry", key)[0]

    def _open(self, value: bytes, name: str) -> bytes | None:
        try:
            return self._sealer.open(value, name)
        except Unsealable as exc:
            self.unsealable += 1
            if name.startswith(FOR_ALL):
                raise StoreUnavailable(f"{name} does not open with the keys that are configured") from exc
            return None

    def _sealed(self, entry: Entry, tags: tuple[str, ...]) -> Entry:
        name = self._name(entry.key)
        return Entry(name, self._sealer.seal(entry.value, name), entry.ttl, tags)

    def _translated(self, snapshot: Snapshot) -> Snapshot:
        return Snapshot({self._tag_name(tag): token for tag, token in snapshot.tokens.items()})

    def _tag_names(self, tags: Iterable[str]) -> dict[str, str]:
        """The engine's names of tags by every key; a tag that is marked already is by one."""
        marks = ("", *self._older)
        forms = (f"{tag}{mark}" for tag in tags for mark in (marks if not self._mark(tag) else ("",)))
        return {form: self._tag_name(form) for form in forms}

    def _tag_name(self, tag: str) -> str:
        mark = self._mark(tag)
        return self._sealer.digests("tag", tag.removesuffix(mark))[self._older.get(mark, 0)]

    def _mark(self, tag: str) -> str:
        return next((mark for mark in self._older if tag.endswith(mark)), "")
