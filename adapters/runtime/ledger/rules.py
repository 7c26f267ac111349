"""What is done next with an order, and what follows from a failure: pure functions, tested as such.

The one rule behind all others: what may be with the department is sent again only by a reference that the department
knows, or after the department has been asked and does not have it.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from adapters.contract.errors import (
    Maintenance,
    NotFound,
    NotOffered,
    QuotaExceeded,
    Rejected,
    Unauthorised,
    Unreachable,
)
from adapters.contract.manifest import seconds
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.contract import Entry, State
from adapters.runtime.ledger.schedule import Patience

NOT_DONE = (Unreachable, QuotaExceeded, Maintenance, Rejected, NotFound, Unauthorised, NotOffered)
"""Failures that prove that a write was not carried out. After any other it may have been."""
UNCOUNTED = (QuotaExceeded, Maintenance)
"""What a department says to everybody is no failed attempt of this order; its age still counts."""


class Way(Enum):
    """How a write whose outcome is unknown is settled."""

    REPEAT = "repeat"
    READ_BACK = "read back"
    LAPSE = "lapse"
    NONE = "none"


class Step(Enum):
    """What to do with a leased order."""

    SEND = "send"
    READ_BACK = "read back"
    WAIT = "wait"
    DROP = "drop"
    DESK = "desk"


class Verdict(NamedTuple):
    """What follows from a failure: the new state, and when (None: nobody) somebody looks after it again."""

    state: State
    attempts: int
    due: float | None


def way_of(bound: Bound) -> Way:
    """The manifest's way to settle this write."""
    if bound.provided.idempotent_by:
        return Way.REPEAT
    if bound.provided.read_back:
        return Way.READ_BACK
    return Way.LAPSE if bound.provided.lapses_after else Way.NONE


def lapse_of(bound: Bound, entry: Entry) -> float | None:
    """When an unknown outcome no longer matters; None when it matters for ever."""
    after = bound.provided.lapses_after
    return None if after is None else entry.updated + seconds(after)


def next_step(bound: Bound, entry: Entry, now: float, *, asked: bool) -> Step:
    """What to do with an order that was in `entry`'s state; `asked` means that the person waits for it."""
    if entry.state in {State.READY, State.DROPPED}:
        return Step.SEND
    way, lapse = way_of(bound), lapse_of(bound, entry)
    lapsed = lapse is not None and now >= lapse
    if way is Way.READ_BACK:
        return Step.READ_BACK
    if way is Way.REPEAT and (asked or bound.provided.deferrable or lapse is None):
        return Step.SEND
    if lapse is None:
        return Step.DESK
    if asked:
        return Step.SEND if lapsed else Step.WAIT
    return Step.DROP if lapsed else Step.WAIT


def after_absence(bound: Bound, *, asked: bool) -> Step:
    """What to do when the department was asked and certainly does not have the order."""
    return Step.SEND if asked or bound.provided.deferrable else Step.DROP


def after_failure(bound: Bound, entry: Entry, error: Exception, now: float, patience: Patience) -> Verdict:
    """What follows when sending, or reading back, has failed.

    `entry.state` is what was known before: UNKNOWN or SENDING stays unknown whatever a repetition says, unless the
    department refuses it.
    """
    unknown = entry.state in {State.UNKNOWN, State.SENDING} or not isinstance(error, NOT_DONE)
    attempts = entry.attempts + (not isinstance(error, UNCOUNTED))
    if not unknown and not bound.provided.deferrable:
        return Verdict(State.DROPPED, attempts, None)
    way = way_of(bound)
    if unknown and way is Way.NONE:
        return Verdict(State.DESK, attempts, None)
    lapse = lapse_of(bound, entry)
    if unknown and lapse is not None and not bound.provided.deferrable:
        return Verdict(State.UNKNOWN, attempts, max(lapse, now))
    if patience.exhausted(attempts, now - entry.created):
        return Verdict(State.DESK, attempts, None)
    return Verdict(State.UNKNOWN if unknown else State.READY, attempts, now + patience.wait(max(attempts, 1), error))
