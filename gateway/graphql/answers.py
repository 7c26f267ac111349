"""Answers that need no execution: found by what was asked, by whom and in which language; with ETag and lifetime."""

import hashlib
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import msgspec
from graphql import OperationType

from gateway.graphql.operation import Operation


class Lease(Protocol):
    """Until when (seconds since the epoch) an answer may be served without asking the keeper again."""

    @property
    def until(self) -> float:
        """0 once the keeper has dropped it."""
        ...


class Kept(Protocol):
    """A kept answer: its bytes without `extensions`, and until when (seconds since the epoch) it is fresh."""

    @property
    def body(self) -> bytes:
        """The encoded response."""
        ...

    @property
    def fresh_until(self) -> float:
        """When its shortest part ends."""
        ...

    @property
    def owner(self) -> Hashable | None:
        """Whose it is; None where it does not depend on who asked."""
        ...

    @property
    def used(self) -> Sequence[tuple[str, str]]:
        """The departments and operations whose personal data is in it."""
        ...

    @property
    def lease(self) -> Lease:
        """How long that is certain."""
        ...


class Keeper(Protocol):
    """Where answers are kept."""

    async def get(self, key: Hashable) -> Kept | None:
        """The fresh answer under a key."""
        ...

    async def put(self, key: Hashable, body: bytes, uses: Any, owner: Any) -> Kept | None:
        """Keep an answer of `owner` (None for everybody) if `uses`, which says what it is made of, allows it."""
        ...


class Asker(NamedTuple):
    """Who asks, in which language, and where it is noted what the answer is made of (`personal`, and more).

    `subject` is the person with everything that decides about what they may have; None for nobody.
    """

    subject: Hashable | None
    locale: str
    uses: Any


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an answer depends on, but for the person."""

    document: str
    operation_name: str | None
    variables: bytes
    locale: str

    def key(self, subject: Hashable | None) -> Hashable:
        """The key of the answer for a person; None for what does not depend on one."""
        return (self.document, self.operation_name, self.variables, self.locale, subject)


class Answers:
    """Finds and keeps answers of queries. `asker_of` reads a context.

    An answer in whose making nobody asked who the person is serves everybody; every other one serves that person
    alone. `misdirected` is told of one that was found and is somebody else's, and not given to who asks.
    """

    def __init__(
        self, keeper: Keeper, asker_of: Callable[[Any], Asker], misdirected: Callable[[], None] = lambda: None
    ) -> None:
        self._keeper = keeper
        self._asker_of = asker_of
        self._misdirected = misdirected

    async def find(self, operation: Operation, variables: Mapping[str, Any], context: Any) -> Kept | None:
        """The kept answer to a query."""
        if operation.definition.operation is not OperationType.QUERY:
            return None
        asker = self._asker_of(context)
        question = _question(operation, variables, asker)
        kept = await self._keeper.get(question.key(asker.subject))
        if kept is None and asker.subject is not None:
            kept = await self._keeper.get(question.key(None))
        if kept is not None and kept.owner is not None and kept.owner != asker.subject:
            self._misdirected()
            return None
        return kept

    async def keep(self, operation: Operation, variables: Mapping[str, Any], context: Any, body: bytes) -> Kept | None:
        """Keep the answer of a query without errors, if it may be."""
        if operation.definition.operation is not OperationType.QUERY:
            return None
        asker = self._asker_of(context)
        subject = asker.subject if asker.uses.personal else None
        if asker.uses.personal and subject is None:
            return None
        key = _question(operation, variables, asker).key(subject)
        return await self._keeper.put(key, body, asker.uses, subject)


def etag(body: bytes) -> str:
    """A weak validator: answers of one tag have the same data."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches(if_none_match: bytes | None, tag: str) -> bool:
    """Whether `If-None-Match` names the tag (RFC 9110, 13.1.2: weak comparison)."""
    if if_none_match is None:
        return False
    named = [one.strip().removeprefix("W/") for one in if_none_match.decode("latin-1").split(",")]
    return "*" in named or tag.removeprefix("W/") in named


def cache_control(kept: Kept | None) -> str:
    """For HTTP caches: what is personal is asked for again each time, what is public may be reused until it ends."""
    if kept is None:
        return "no-store"
    if kept.owner is not None:
        return "private, no-cache"
    return f"public, max-age={max(0, int(kept.fresh_until - time.time()))}"


def _question(operation: Operation, variables: Mapping[str, Any], asker: Asker) -> Question:
    location = operation.document.loc
    document = location.source.body if location else ""
    encoded = msgspec.json.encode(variables, order="deterministic") if variables else b""
    return Question(document, operation.name, encoded, asker.locale)
