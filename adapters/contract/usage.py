"""Who used a person's data: the entries of the access log as a person reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

import msgspec

from adapters.contract.manifest import Title
from adapters.contract.records import PersonId, Record


class UseKind(Enum):
    """Whether data was read, an order was given, or it was looked up for whom somebody may act."""

    READ = "read"
    ORDER = "order"
    CHECK = "check"


class UseBasis(Enum):
    """On what ground data is used: by the person, or by somebody who acts for the person."""

    SELF = "self"
    OFFICER = "officer"
    PARENT = "parent"
    ISSUER = "issuer"


class UsedData(Record, frozen=True):
    """What one department's data was used: `fields` are coordinates of the schema, or a port's operation.

    `cached` says that the gateway had kept all of it, so that the department itself was not asked.
    """

    department: str
    operations: tuple[str, ...]
    fields: tuple[str, ...]
    cached: bool


class Description(Record, frozen=True):
    """Everything about a use that names nobody. `basis` is the value of a `UseBasis`.

    `purpose` is a code of the configuration or a built-in one; `operation` is what the app calls the GraphQL operation.
    """

    kind: UseKind
    basis: str
    purpose: str
    operation: str | None
    data: tuple[UsedData, ...]


class What:
    """A description as it is kept: JSON, named by its SHA-256. Two of them are equal only if they are one."""

    __slots__ = ("content", "digest")

    def __init__(self, description: Description) -> None:
        self.content = msgspec.json.encode(description, order="deterministic").decode()
        self.digest = hashlib.sha256(self.content.encode()).digest()


class Use(NamedTuple):
    """Whose data was used, by whom when that was somebody else, with which app, and what of it."""

    person: str
    actor: str | None
    client: str | None
    what: What


Seen = tuple[Use, float, bytes]
"""One use that has happened: when (seconds since the epoch), in which trace (32 hexadecimal digits, or none)."""


class Usage(Record, frozen=True):
    """One use of a person's data, or the same one `times` within a moment.

    `actor` is who did it when that was not the person; `client` is the app that the login service gave the token to.
    """

    id: str
    began_at: datetime
    ended_at: datetime
    times: int
    actor: PersonId | None
    client: str | None
    what: Description
    trace_ids: tuple[str, ...]


class UsagePage(Record, frozen=True):
    """Entries, the newest first, after how many newer ones, and how many there are in all."""

    entries: tuple[Usage, ...]
    newer: int
    total: int


class UsageLog(Protocol):
    """The access log as far as it is about one person."""

    async def of_person(
        self, person: PersonId, *, most: int, older_than: str | None, newer_than: str | None, oldest_first: bool
    ) -> UsagePage:
        """Up to `most` entries between two ids, from the newest on, or with `oldest_first` from the oldest on.

        Raises: UsageUnavailable, ValueError for what is no id.
        """
        ...


class UsageUnavailable(Exception):
    """The access log does not answer."""


class Usages(NamedTuple):
    """The access log for people: the log, and what its purposes are called."""

    log: UsageLog
    purposes: Mapping[str, Title]


class Recorder(Protocol):
    """Takes what was seen, without waiting."""

    append: Callable[[Seen], None]
    """Takes one use, at once."""

    def accepts(self, now: float) -> bool:
        """Whether a use may happen at a time (seconds since the epoch): what is taken could be written."""
        ...

    async def room(self) -> bool:
        """Whether a use may happen, now or after a moment in which what waits is written."""
        ...

    async def settled(self) -> None:
        """Wait until everything taken so far is durable. Raises: UsageUnavailable."""
        ...


class LogBroken(Exception):
    """The access log does not hold; `seq` is the number of the first entry that shows it."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"entry {seq}: {reason}")
        self.seq = seq
        self.reason = reason
