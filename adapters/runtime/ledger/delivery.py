"""Leased orders are delivered, and what came of them is written down before anybody hears of it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from opentelemetry.trace import Tracer

from adapters.contract.errors import AdapterError, Ambiguous, Maintenance, NotFound, Rejected
from adapters.contract.operations import Seen
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.attempt import call_info, read_back, send
from adapters.runtime.ledger.contract import ENDED, Engine, Entry, LedgerUnavailable, State
from adapters.runtime.ledger.papers import Ordered, Papers, Unreadable
from adapters.runtime.ledger.rules import Step, after_absence, after_failure, lapse_of, next_step
from adapters.runtime.ledger.schedule import AlwaysOpen, Calendar, Patience
from adapters.runtime.spans import CallSpan
from adapters.runtime.stages.guards import Guards

LEASE_MARGIN = 5.0
"""Seconds that a lease lasts beyond the calls that it covers; a call ends before its lease, whatever happens."""
WRITE_AGAIN = (0.05, 0.2, 1.0)
"""Seconds after which an outcome that could not be written down is tried again."""
_log = logging.getLogger("citygate.ledger")
Sent = Callable[[Bound, str | None], Awaitable[None]]


class Filed(NamedTuple):
    """An order as the ledger has it after an attempt, with what the attempt gave where it gave something."""

    entry: Entry
    record: Any = None
    error: Exception | None = None


@dataclass(frozen=True)
class Means:
    """What deliveries need: the engine, who seals, how patient to be, and what each call to a department meets."""

    engine: Engine
    papers: Papers
    tracer: Tracer
    patience: Patience = field(default_factory=Patience)
    calendar: Calendar = field(default_factory=AlwaysOpen)
    guards: Guards = field(default_factory=lambda: Guards({}))


class Deliveries:
    """Delivers under leases of one holder, which is this process.

    `bounds` are the operations by name; `sent` is called after every call that may have changed something.
    """

    def __init__(self, means: Means) -> None:
        self.means = means
        self.holder = secrets.token_hex(8)
        self.bounds: dict[str, Bound] = {}
        self.sent: Sent | None = None

    def bound_of(self, entry: Entry) -> Bound | None:
        """The operation of an entry; None when its department does not provide it (any more)."""
        bound = self.bounds.get(entry.operation)
        return bound if bound and bound.department == entry.department else None

    def lease(self, bound: Bound) -> float:
        """Until when an attempt leases its entry: time for reading back and for sending."""
        read = self._read_of(bound)
        return self.means.engine.now() + bound.timeout + (read.timeout if read else 0.0) + LEASE_MARGIN

    async def deliver(self, bound: Bound, before: Entry, ordered: Ordered, *, until: float, asked: bool) -> Filed:
        """One attempt with an entry that is leased `until`, and was as `before`. Raises nothing but cancellation."""
        try:
            order = self.means.papers.order_for(bound, ordered)
        except Unreadable as exc:
            return await self._write(_at_desk(before, "UNREADABLE", self.means.engine.now()), error=exc)
        step = next_step(bound, before, self.means.engine.now(), asked=asked)
        if step is Step.READ_BACK:
            try:
                seen = await self._read_back(bound, order, ordered)
            except Exception as exc:  # whatever it is, the outcome stays unknown
                return await self._failed(bound, before, exc)
            if seen is not None:
                return await self._delivered(before, seen.record)
            before = msgspec.structs.replace(before, state=State.READY)
            step = after_absence(bound, asked=asked)
        if step is Step.SEND:
            return await self._send(bound, before, order, ordered, until)
        return await self._leave(bound, before, step)

    async def _send(self, bound: Bound, before: Entry, order: Any, ordered: Ordered, until: float) -> Filed:
        engine = self.means.engine
        before = msgspec.structs.replace(before, updated=engine.now())
        info = call_info(bound, ordered)
        try:
            self._require_open(bound)
            with CallSpan(self.means.tracer, bound, 1):
                seconds = until - engine.now() - LEASE_MARGIN / 2
                record = await send(
                    bound, order, reference=before.reference, info=info, seconds=seconds, guards=self.means.guards
                )
        except (Rejected, NotFound) as exc:
            outcome = self.means.papers.seal_refusal(before.reference, exc)
            after = _ended(before, State.REFUSED, outcome, engine.now())
            after = msgspec.structs.replace(after, trouble=bound.error_code(exc))
            return await self._write(after, error=exc)
        except Exception as exc:  # a fault of an adapter leaves the outcome unknown, too
            return await self._failed(bound, before, exc)
        else:
            return await self._delivered(before, record)
        finally:
            if self.sent is not None:
                await self.sent(bound, ordered.whose.subject)

    async def _read_back(self, bound: Bound, order: Any, ordered: Ordered) -> Seen | None:
        read = self._read_of(bound)
        if read is None:
            raise bound.blame(Ambiguous("the operation that shows the outcome is not configured"))
        info = call_info(bound, ordered)
        with CallSpan(self.means.tracer, read, 1):
            return await read_back(bound, read, order, info=info, guards=self.means.guards)

    def _read_of(self, bound: Bound) -> Bound | None:
        read = self.bounds.get(bound.provided.read_back or "")
        return read if read and read.department == bound.department else None

    def _require_open(self, bound: Bound) -> None:
        now = datetime.fromtimestamp(self.means.engine.now(), UTC)
        opens = self.means.calendar.may_send(bound.department, now)
        if opens is not None:
            wait = max(0.0, (opens - now).total_seconds())
            raise bound.blame(Maintenance("the department is closed", retry_after=wait, until=opens))

    async def _delivered(self, before: Entry, record: Any) -> Filed:
        outcome = self.means.papers.seal_record(before.reference, record)
        after = _ended(before, State.DELIVERED, outcome, self.means.engine.now())
        return await self._write(after, record=record)

    async def _failed(self, bound: Bound, before: Entry, error: Exception) -> Filed:
        if not isinstance(error, AdapterError):  # by its class alone: its text may hold what the order held
            _log.error("%s: %s: the adapter failed: %s", before.reference, bound.span_name, type(error).__name__)
        now = self.means.engine.now()
        verdict = after_failure(bound, before, error, now, self.means.patience)
        trouble = bound.error_code(error) if isinstance(error, AdapterError) else "FAULT"
        after = msgspec.structs.replace(
            before,
            state=verdict.state,
            attempts=verdict.attempts,
            due=verdict.due,
            updated=now,
            holder=None,
            trouble=trouble,
        )
        return await self._write(after, error=error)

    async def _leave(self, bound: Bound, before: Entry, step: Step) -> Filed:
        error = bound.blame(Ambiguous("an earlier attempt had no answer; the outcome is unknown"))
        now = self.means.engine.now()
        if step is Step.WAIT:
            lapse = lapse_of(bound, before)
            after = msgspec.structs.replace(before, state=State.UNKNOWN, due=lapse, holder=None)
        elif step is Step.DROP:
            after = msgspec.structs.replace(before, state=State.DROPPED, due=None, holder=None, updated=now)
        else:
            after = _at_desk(before, before.trouble or bound.error_code(error), now)
        return await self._write(after, error=error)

    async def _write(self, after: Entry, *, record: Any = None, error: Exception | None = None) -> Filed:
        """Write down what came of it; where somebody else has taken over, what they have written counts."""
        for wait in (*WRITE_AGAIN, None):
            try:
                if await self.means.engine.settle(after, self.holder):
                    return Filed(after, record, error)
                current = await self.means.engine.get(after.reference)
                return Filed(current or after, None, error)
            except LedgerUnavailable as exc:
                _log.error("%s: its outcome cannot be written down: %s", after.reference, exc)
                if wait is not None:
                    await asyncio.sleep(wait)
        # Nobody may hear of what is not written down: when the lease ends, the outcome is found out again.
        return Filed(msgspec.structs.replace(after, state=State.SENDING, outcome=None, due=None), None, error)


def _ended(before: Entry, state: State, outcome: bytes | None, now: float) -> Entry:
    assert state in ENDED
    return msgspec.structs.replace(
        before,
        state=state,
        attempts=before.attempts + 1,
        updated=now,
        due=None,
        holder=None,
        order=None,
        outcome=outcome,
    )


def _at_desk(before: Entry, trouble: str, now: float) -> Entry:
    return msgspec.structs.replace(before, state=State.DESK, due=None, holder=None, updated=now, trouble=trouble)
