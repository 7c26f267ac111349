"""What waits is delivered when its time has come, also what another process left when it died."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any

import msgspec

from adapters.runtime.ledger.contract import Entry, LedgerUnavailable, State
from adapters.runtime.ledger.delivery import LEASE_MARGIN, Deliveries
from adapters.runtime.ledger.papers import Unreadable

POLL = 1.0
"""Seconds between looks at what is due; each is one read of an index."""
AT_ONCE = 8
"""Orders that one process delivers at a time beside those whose callers wait."""
NOT_HERE = 60.0
"""Seconds until an order whose department is not configured is looked at again."""
PURGE_EVERY = 3600.0
_log = logging.getLogger("citygate.ledger")


class Worker:
    """The background task of one process; `keep` is how many seconds ended orders are kept."""

    def __init__(self, deliveries: Deliveries, *, keep: float, poll: float = POLL) -> None:
        self._deliveries = deliveries
        self._engine = deliveries.means.engine
        self._keep = keep
        self._poll = poll
        self._task: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._purge_at = 0.0

    def start(self) -> None:
        """Begin; does nothing when begun."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="ledger worker")

    async def aclose(self) -> None:
        """Take nothing more, and wait for what is under way."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self.settled()

    async def turn(self) -> int:
        """Begin to deliver what is due: how many orders. Raises: LedgerUnavailable."""
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return 0
        longest = max((self._deliveries.lease(bound) for bound in self._deliveries.bounds.values()), default=None)
        until = longest if longest is not None else self._engine.now() + LEASE_MARGIN
        # A task of its own: what is claimed is begun also when this one is cancelled meanwhile.
        claiming = asyncio.create_task(self._claim(until, free))
        self._keep_running(claiming)
        return await asyncio.shield(claiming)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _claim(self, until: float, limit: int) -> int:
        claimed = await self._engine.claim(self._deliveries.holder, until, limit)
        for before in claimed:
            self._keep_running(asyncio.create_task(self._one(before, until)))
        return len(claimed)

    def _keep_running(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _one(self, before: Entry, until: float) -> None:
        bound = self._deliveries.bound_of(before)
        try:
            ordered = self._deliveries.means.papers.open_order(before)
        except Unreadable as exc:
            _log.error("%s", exc)  # names the order and nothing in it
            await self._postpone(before, State.DESK, "UNREADABLE", None)
            return
        if bound is None:
            state = State.READY if before.state is State.READY else State.UNKNOWN
            await self._postpone(before, state, "NOT_OFFERED", self._engine.now() + NOT_HERE)
            return
        await self._deliveries.deliver(bound, before, ordered, until=until, asked=False)

    async def _postpone(self, before: Entry, state: State, trouble: str, due: float | None) -> None:
        if due is not None and self._engine.now() - before.created > self._deliveries.means.patience.give_up_after:
            state, due = State.DESK, None
        after = msgspec.structs.replace(before, state=state, trouble=trouble, due=due, holder=None)
        with suppress(LedgerUnavailable):
            await self._engine.settle(after, self._deliveries.holder)

    async def _run(self) -> None:
        while True:
            try:
                found = await self.turn()
                await self._purge()
            except LedgerUnavailable as exc:
                _log.warning("the ledger does not answer: %s", exc)
                found = 0
            except Exception as exc:  # a fault of ours must not end all deliveries
                _log.error("the ledger's worker failed: %s", type(exc).__name__)
                found = 0
            if found == 0:
                await asyncio.sleep(self._poll * (0.75 + random.random() / 2))  # noqa: S311  # against marching in step
            elif len(self._running) >= AT_ONCE:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _purge(self) -> None:
        if (now := self._engine.now()) >= self._purge_at:
            self._purge_at = now + PURGE_EVERY
            await self._engine.purge(now - self._keep)
