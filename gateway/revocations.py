"""Tokens that are no longer believed although they have not expired: by their id, or by person and time of issue.

The list is one value in the store. Every process reads it twice a second while there are requests, and a process that
was idle reads it before it answers, so that a revocation holds everywhere within a second. What a process has read
once it keeps until it ends: a store that is away or has forgotten takes nothing back.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, Protocol

import msgspec

READ_AGAIN_AFTER = 0.4
COHERENT_WITHIN = 0.8
"""Seconds after which a request waits for the list: with the reading itself, a second at most."""
MOST_REVOCATIONS = 10_000
ATTEMPTS = 10
SETTLED_AFTER = 0.3
"""Seconds after which whoever had read the list before has written it: longer than the store is waited for."""
Kind = Literal["jti", "sub"]


class TokenNames(NamedTuple):
    """What a revocation can name of a token: its id, the persons in it, when it was issued (seconds since the epoch).

    A token that does not say when it was issued is older than every revocation of its person.
    """

    jti: str | None
    persons: tuple[str, ...]
    issued_at: float


class Revocation(msgspec.Struct, frozen=True, array_like=True):
    """One entry: `name` is a digest; tokens of a person issued before `before`; to be kept until `until`."""

    kind: Kind
    name: str
    before: float
    until: float


class TooManyRevocations(Exception):
    """The list is full: names the limit."""


class NotKept(Exception):
    """The store did not keep the revocation; it is not in force."""


class Shelf(Protocol):
    """Where the list is shared. Both raise any Exception when that is away."""

    async def get(self) -> bytes | None:
        """The list, or None when there is none."""
        ...

    async def put(self, value: bytes, ttl: float) -> None:
        """Replace the list, to be kept for `ttl` seconds."""
        ...


class Revocations:
    """The list as this process knows it; `name_of` gives the digest of a kind and a value.

    `changed` is called when something was added.
    """

    def __init__(
        self, shelf: Shelf, name_of: Callable[[Kind, str], str], changed: Callable[[], None] = lambda: None
    ) -> None:
        self._shelf, self._name_of, self.changed = shelf, name_of, changed
        self._known: dict[tuple[Kind, str], Revocation] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    @property
    def look_at(self) -> float:
        """When `keep_current` has to be called next, by `time.monotonic()`."""
        return self._read_at + READ_AGAIN_AFTER

    async def keep_current(self) -> None:
        """Read the list again when it is time to; wait for it when what is known may be older than a second."""
        now = time.monotonic()
        if now < self.look_at:
            return
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(now))
        if now >= self._read_at + COHERENT_WITHIN:
            await asyncio.shield(self._reading)

    def covers(self, token: TokenNames) -> bool:
        """Whether a token is revoked."""
        if not self._known:
            return False
        if token.jti is not None and ("jti", self._name_of("jti", token.jti)) in self._known:
            return True
        found = (self._known.get(("sub", self._name_of("sub", person))) for person in token.persons)
        return any(one is not None and token.issued_at < one.before for one in found)

    async def revoke(self, kind: Kind, value: str, *, lifetime: float) -> None:
        """Revoke a token by its `jti`, or all that a person has now; kept for `lifetime`, after which none is left.

        Two who do so at once both succeed: each reads back, and adds again what the other has overwritten.
        Raises: TooManyRevocations, NotKept, and what the shelf raises.
        """
        now = time.time()
        mine = Revocation(kind, self._name_of(kind, value), math.floor(now) + 1.0, now + lifetime)
        for _ in range(ATTEMPTS):
            self._merge([*_decode(await self._shelf.get()), mine])
            if len(self._known) > MOST_REVOCATIONS:
                raise TooManyRevocations(
                    f"{len(self._known)} revocations are in force; at most {MOST_REVOCATIONS} are kept"
                )
            await self._put_back()
            await asyncio.sleep(SETTLED_AFTER)
            kept = {(one.kind, one.name): one for one in _decode(await self._shelf.get())}
            if (found := kept.get((kind, mine.name))) is not None and found.before >= mine.before:
                return
        raise NotKept(f"the store does not keep the revocation: {ATTEMPTS} attempts were overwritten or forgotten")

    async def _read(self, begun: float) -> None:
        try:
            found = _decode(await self._shelf.get())
            self._merge(found)
            if len(found) < len(self._known):
                await self._put_back()
        except Exception:  # whatever the store did: what is known goes on
            begun = time.monotonic()
        self._read_at = begun

    async def _put_back(self) -> None:
        entries = list(self._known.values())
        ttl = max(one.until for one in entries) - time.time()
        await self._shelf.put(msgspec.msgpack.encode(entries), max(1.0, ttl))

    def _merge(self, found: Iterable[Revocation]) -> None:
        now, before = time.time(), len(self._known)
        known = {key: one for key, one in self._known.items() if one.until > now}
        grown = False
        for one in found:
            known_one = known.get((one.kind, one.name))
            if one.until > now and (known_one is None or one.before > known_one.before):
                known[one.kind, one.name] = one
                grown = True
        if grown or len(known) != before:
            self._known = known
        if grown:
            self.changed()


def _decode(value: bytes | None) -> list[Revocation]:
    """Raises: msgspec.DecodeError for what is no list of revocations."""
    return msgspec.msgpack.decode(value, type=list[Revocation]) if value else []
