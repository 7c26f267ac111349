"""What is written into an entry's sealed fields, and read from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from adapters.contract.city import Caller
from adapters.contract.errors import AdapterError, NotFound, Problem, Rejected
from adapters.contract.filings import Filing, FilingStatus
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.contract import WAITING, Entry, State
from adapters.runtime.sealing import Sealer, Unsealable

T = TypeVar("T")
NOTHING = msgspec.Raw(b"null")
STATUS = {
    State.READY: FilingStatus.PENDING,
    State.SENDING: FilingStatus.PENDING,
    State.UNKNOWN: FilingStatus.PENDING,
    State.DESK: FilingStatus.NEEDS_ATTENTION,
    State.DROPPED: FilingStatus.NOT_DELIVERED,
    State.DELIVERED: FilingStatus.DELIVERED,
    State.REFUSED: FilingStatus.REFUSED,
    State.WITHDRAWN: FilingStatus.NOT_DELIVERED,
}


class Unreadable(Exception):
    """What an entry holds cannot be read by this gateway: another key, or another version's types."""


class Whose(NamedTuple):
    """Whose an order is, and who gave it on what ground where that was another; nobody's has none of them."""

    subject: str | None = None
    actor: str | None = None
    basis: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> Whose:
        """Who asks."""
        return cls(caller.subject, caller.actor, caller.basis)


class Ordered(msgspec.Struct, frozen=True, array_like=True):
    """An order with whose it is and in which language."""

    whose: Whose
    locale: str
    order: msgspec.Raw


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What an order led to: a record (JSON's null for none), or a refusal."""

    record: msgspec.Raw = NOTHING
    refused: str | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    wire_code: str | None = None


class Papers:
    """Seals and opens."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def keys(self, bound: Bound, asks: Whose, key: str | None, order: Any) -> Sequence[str]:
        """Digests of an idempotency key, which belongs to who asks, for whom they ask, and to an operation.

        Nobody's key is its order's own too: of two who are not known, neither hears of the other.
        """
        if key is None:
            return ()
        asking = ("nobody", msgspec.json.encode(order)) if asks.subject is None else ("person", *asks)
        return self._sealer.digests("key", asking, bound.department, bound.operation.name, key)

    def owners(self, subject: str) -> Sequence[str]:
        """Digests of a person."""
        return self._sealer.digests("owner", subject)

    def fingerprints(self, order: Any) -> Sequence[str]:
        """Digests of an order."""
        return self._sealer.digests("order", msgspec.json.encode(order))

    def seal_order(self, reference: str, ordered: Ordered) -> bytes:
        """An order as an entry keeps it."""
        return self._sealer.seal(msgspec.json.encode(ordered), f"{reference}/order")

    def seal_actor(self, reference: str, whose: Whose) -> bytes | None:
        """Who gave an order that is another's, as an entry keeps it until it is deleted."""
        return None if whose.actor is None else self._sealer.seal(whose.actor.encode(), f"{reference}/actor")

    def open_order(self, entry: Entry) -> Ordered:
        """The order, with `order` as JSON. Raises: Unreadable."""
        return self._open(entry, entry.order, "order", Ordered)

    def order_for(self, bound: Bound, ordered: Ordered) -> Any:
        """The order as its port takes it. Raises: Unreadable."""
        try:
            return msgspec.json.decode(ordered.order, type=bound.operation.argument)
        except msgspec.DecodeError as exc:
            raise Unreadable("the order is of another version") from exc

    def seal_record(self, reference: str, record: Any) -> bytes:
        """A record as an entry keeps it."""
        outcome = Outcome(record=msgspec.Raw(msgspec.json.encode(record)))
        return self._sealer.seal(msgspec.json.encode(outcome), f"{reference}/outcome")

    def seal_refusal(self, reference: str, error: AdapterError) -> bytes:
        """A refusal as an entry keeps it."""
        problems = error.problems if isinstance(error, Rejected) else ()
        outcome = Outcome(NOTHING, error.kind, error.reason, problems, error.wire_code)
        return self._sealer.seal(msgspec.json.encode(outcome), f"{reference}/outcome")

    def record_of(self, bound: Bound, entry: Entry) -> Any:
        """The record that a delivered order led to; None where none is known. Raises: Unreadable."""
        if entry.outcome is None:
            return None
        record = self._open(entry, entry.outcome, "outcome", Outcome).record
        try:
            return None if bytes(record) == b"null" else msgspec.json.decode(record, type=bound.operation.result)
        except msgspec.DecodeError as exc:
            raise Unreadable("the record is of another version") from exc

    def refusal_of(self, entry: Entry) -> AdapterError:
        """The refusal that an order met. Raises: Unreadable."""
        outcome = self._open(entry, entry.outcome, "outcome", Outcome)
        if outcome.refused == NotFound.kind:
            return NotFound(outcome.reason, wire_code=outcome.wire_code)
        return Rejected(outcome.reason, problems=outcome.problems, wire_code=outcome.wire_code)

    def filing(self, entry: Entry) -> Filing:
        """The entry as its person sees it."""
        return Filing(
            id=entry.reference,
            department=entry.department,
            operation=entry.operation,
            status=STATUS[entry.state],
            submitted_at=_moment(entry.created),
            updated_at=_moment(entry.updated),
            next_attempt_at=_moment(entry.due) if entry.due is not None and entry.state in WAITING else None,
            department_reference=self._department_reference(entry),
            actor=self._actor(entry),
        )

    def _actor(self, entry: Entry) -> str | None:
        try:
            return None if entry.actor is None else self._sealer.open(entry.actor, f"{entry.reference}/actor").decode()
        except Unsealable:
            return None

    def _department_reference(self, entry: Entry) -> str | None:
        if entry.state is not State.DELIVERED or entry.outcome is None:
            return None
        try:
            found = msgspec.json.decode(self._open(entry, entry.outcome, "outcome", Outcome).record)
        except (Unreadable, msgspec.DecodeError):
            return None
        value = found.get("id") if isinstance(found, dict) else None
        return value if isinstance(value, str) else None

    def _open(self, entry: Entry, sealed: bytes | None, name: str, kind: type[T]) -> T:
        if sealed is None:
            raise Unreadable(f"{entry.reference}: there is no {name}")
        try:
            return msgspec.json.decode(self._sealer.open(sealed, f"{entry.reference}/{name}"), type=kind)
        except (Unsealable, msgspec.DecodeError) as exc:
            raise Unreadable(f"{entry.reference}: its {name} cannot be read") from exc


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
