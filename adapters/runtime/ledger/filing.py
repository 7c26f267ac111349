"""The ledger: every order to a department is in it before it is sent, and its outcome before the answer leaves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from adapters.contract.city import Caller
from adapters.contract.errors import NotRecorded, Problem, Rejected, TimedOut
from adapters.contract.filings import Filing
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.contract import WAITING, Entry, LedgerUnavailable, State
from adapters.runtime.ledger.delivery import Deliveries, Filed, Means, Sent
from adapters.runtime.ledger.papers import Ordered, Whose

MOST_FILINGS = 200
LOOK_AGAIN = 0.05
PATIENCE = 0.5
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is mistaken on the telephone


def new_reference() -> str:
    """A reference of 120 random bits: `CG-7K2MQ4-…`, 30 characters, which every protocol here has room for."""
    return "-".join(["CG", *("".join(secrets.choice(_LETTERS) for _ in range(6)) for _ in range(4))])


class Ledger:
    """Takes orders; one task per order, which no caller's leaving ends."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.deliveries = Deliveries(means)
        self._running: dict[str, asyncio.Task[Filed]] = {}

    def know(self, bounds: Iterable[Bound], sent: Sent) -> None:
        """What departments provide, and who is to be told that something was sent."""
        self.deliveries.bounds.update({bound.operation.name: bound for bound in bounds})
        self.deliveries.sent = sent

    async def file(self, bound: Bound, caller: Caller, order: Any) -> Filed:
        """Record an order, deliver it and record what came of it; for one that is known already, what is known.

        The caller may go away at any moment: what was begun goes on.
        Raises: NotRecorded; Rejected with the problem `IDEMPOTENCY_KEY_REUSED` when the person's key came with another
        order before.
        """
        self.deliveries.bounds.setdefault(bound.operation.name, bound)
        reference = new_reference()
        task = asyncio.create_task(self._file(bound, caller, order, reference))
        self._running[reference] = task
        task.add_done_callback(partial(self._ended, reference))
        return await asyncio.shield(task)

    def _ended(self, reference: str, task: asyncio.Task[Filed]) -> None:
        del self._running[reference]
        if not task.cancelled():
            task.exception()  # seen here, so that an error nobody waits for any more is no warning

    async def of_person(self, subject: str, basis: str | None = None) -> tuple[Filing, ...]:
        """A person's orders, newest first; for who acts on a ground for the person, those given on it alone.

        Raises: LedgerUnavailable.
        """
        papers = self.means.papers
        found = await self.means.engine.of_owner(papers.owners(subject), MOST_FILINGS, basis=basis)
        return tuple(map(papers.filing, found))

    async def answers(self) -> bool:
        """Whether the ledger is there, within half a second."""
        with suppress(LedgerUnavailable, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.means.engine.get("")
                return True
        return False

    async def aclose(self) -> None:
        """Wait for the orders under way, whose own timeouts bound them, and close the engine."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            await asyncio.sleep(0)
        await self.means.engine.aclose()

    async def _file(self, bound: Bound, caller: Caller, order: Any, reference: str) -> Filed:
        plain, key = _without_key(order)
        fingerprints = self.means.papers.fingerprints(plain)
        keys = self.means.papers.keys(bound, Whose.of(caller), key, plain)
        ordered = Ordered(_whose(caller, plain), caller.locale, msgspec.Raw(msgspec.json.encode(plain)))
        until = self.deliveries.lease(bound)
        entry = self._entry(bound, reference, ordered, until)
        entry = msgspec.structs.replace(entry, key=keys[0] if keys else None, fingerprint=fingerprints[0])
        earlier = await self._record(bound, entry, keys)
        if earlier is None:
            before = msgspec.structs.replace(entry, state=State.READY)
            return await self.deliveries.deliver(bound, before, ordered, until=until, asked=True)
        if earlier.fingerprint not in fingerprints:
            problem = Problem("IDEMPOTENCY_KEY_REUSED", "The key was used for another order.", ("idempotencyKey",))
            raise bound.blame(Rejected("the key came with another order before", problems=(problem,)))
        return await self._again(bound, caller, earlier, ordered)

    def _entry(self, bound: Bound, reference: str, ordered: Ordered, until: float) -> Entry:
        now, papers, whose = self.means.engine.now(), self.means.papers, ordered.whose
        return Entry(
            reference=reference,
            key=None,
            owner=None if whose.subject is None else papers.owners(whose.subject)[0],
            fingerprint="",
            department=bound.department,
            operation=bound.operation.name,
            state=State.SENDING,
            attempts=0,
            created=now,
            updated=now,
            due=until,
            holder=self.deliveries.holder,
            order=papers.seal_order(reference, ordered),
            basis=whose.basis,
            actor=papers.seal_actor(reference, whose),
        )

    async def _record(self, bound: Bound, entry: Entry, keys: Any) -> Entry | None:
        for last in (False, True):
            try:
                return await self.means.engine.add(entry, keys)
            except LedgerUnavailable as exc:
                if last:
                    raise bound.blame(NotRecorded("the order cannot be recorded, and was not sent")) from exc
        raise AssertionError  # the loop always returns or raises

    async def _again(self, bound: Bound, caller: Caller, earlier: Entry, ordered: Ordered) -> Filed:
        """An order that the ledger has: what is known of it, once nobody is at work on it."""
        while True:
            if self._is_settled(bound, earlier):
                return Filed(earlier)
            other = self._running.get(earlier.reference)
            if other is not None:
                return await self._wait_for(bound, caller, other)
            until = self.deliveries.lease(bound)
            before = await self._engine(bound, self.means.engine.take(earlier.reference, self.deliveries.holder, until))
            if before is not None:
                return await self.deliveries.deliver(bound, before, ordered, until=until, asked=True)
            if asyncio.get_running_loop().time() + LOOK_AGAIN >= caller.deadline:
                return Filed(earlier, error=bound.blame(TimedOut("the order is still being carried out")))
            await asyncio.sleep(LOOK_AGAIN)
            earlier = await self._engine(bound, self.means.engine.get(earlier.reference)) or earlier

    def _is_settled(self, bound: Bound, entry: Entry) -> bool:
        """Whether nothing is to be done because somebody asks again."""
        if entry.state not in {*WAITING, State.DROPPED}:
            return True
        later = entry.due is not None and entry.due > self.means.engine.now()
        return later and entry.state is not State.SENDING and bound.provided.deferrable

    async def _wait_for(self, bound: Bound, caller: Caller, other: asyncio.Task[Filed]) -> Filed:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(caller.deadline):
                return await asyncio.shield(other)
        raise bound.blame(TimedOut("the order is still being carried out"))

    async def _engine(self, bound: Bound, work: Any) -> Any:
        try:
            return await work
        except LedgerUnavailable as exc:
            raise bound.blame(NotRecorded("the ledger does not answer; nothing was sent now")) from exc


def _whose(caller: Caller, order: Any) -> Whose:
    """Whose order it is. One that names nobody is nobody's: neither the ledger nor the desk knows more."""
    return Whose() if getattr(order, "person", caller.subject) is None else Whose.of(caller)


def _without_key(order: Any) -> tuple[Any, str | None]:
    """The order itself, and the key under which the client will repeat it."""
    key = getattr(order, "reference", None)
    return (order if key is None else msgspec.structs.replace(order, reference=None)), key
