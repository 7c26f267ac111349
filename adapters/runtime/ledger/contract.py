"""What the ledger keeps of one order, and what an engine that keeps it promises."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Protocol

import msgspec

from adapters.runtime.sql import DatabaseUnavailable

LedgerUnavailable = DatabaseUnavailable
"""The ledger's engine does not answer, or refuses to write; names the engine and the kind of failure."""


class State(Enum):
    """Where an order is.

    `READY` is certainly not with the department and will be sent. `SENDING` is leased by a process and may be with the
    department at any moment. `UNKNOWN` was sent, and nobody knows what came of it. `DESK` awaits a human. `DROPPED` is
    certainly not with the department and is sent only when the person asks again. The others have ended: `DELIVERED`,
    `REFUSED` by the department, `WITHDRAWN` by the human desk.
    """

    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DESK = "desk"
    DROPPED = "dropped"
    DELIVERED = "delivered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ENDED = frozenset({State.DELIVERED, State.REFUSED, State.WITHDRAWN})
WAITING = frozenset({State.READY, State.SENDING, State.UNKNOWN})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One order.

    `reference` is ours, and what the department may know it by. `key`, `owner` and `fingerprint` are keyed digests: of
    the person's idempotency key within its operation, of the person (None for who is anonymous), and of the order.
    `basis` is on what ground somebody else ordered it for the person, and `actor` (sealed) who.
    `due` (seconds since the epoch) is when somebody must look after it: the end of the lease of `holder` while it is
    `SENDING`, the next attempt while it waits. `order` and `outcome` are sealed. `trouble` is the code of what went
    wrong last.
    """

    reference: str
    key: str | None
    owner: str | None
    fingerprint: str
    department: str
    operation: str
    state: State
    attempts: int
    created: float
    updated: float
    due: float | None
    holder: str | None
    order: bytes | None
    outcome: bytes | None = None
    trouble: str | None = None
    basis: str | None = None
    actor: bytes | None = None


class Engine(Protocol):
    """Keeps entries durably: what a method has returned survives the death of every process.

    Every method raises LedgerUnavailable. A lease is exclusive among all processes until its `until`.
    """

    def now(self) -> float:
        """Seconds since the epoch by the clock that all processes of the ledger share."""
        ...

    async def add(self, entry: Entry, keys: Sequence[str]) -> Entry | None:
        """Keep a new entry; the entry that has one of the `keys` already instead, and nothing is kept.

        Adding the very same entry again is no other than adding it once.
        """
        ...

    async def take(self, reference: str, holder: str, until: float) -> Entry | None:
        """Lease an entry that has not ended, is not leased and is not at the desk: as it was before, or None."""
        ...

    async def claim(self, holder: str, until: float, limit: int) -> Sequence[Entry]:
        """Lease entries that are due, longest due first: as they were before."""
        ...

    async def settle(self, entry: Entry, holder: str) -> bool:
        """Write how an entry is now and end its lease; False, and nothing, when `holder` has lost the lease."""
        ...

    async def get(self, reference: str) -> Entry | None:
        """One entry."""
        ...

    async def of_owner(self, owners: Collection[str], limit: int, *, basis: str | None = None) -> Sequence[Entry]:
        """A person's entries, newest first; with `basis` those alone that were ordered on this ground."""
        ...

    async def listed(self, states: Collection[State], limit: int) -> Sequence[Entry]:
        """Entries in one of the states, oldest first."""
        ...

    async def decide(self, entry: Entry, was: State) -> bool:
        """Write what a human decided about an entry that nobody has leased; False when it is no longer as it was."""
        ...

    async def purge(self, ended_before: float) -> int:
        """Delete entries that have ended or were dropped before a time: how many."""
        ...

    async def aclose(self) -> None:
        """Let go of the engine."""
        ...
