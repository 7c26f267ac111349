"""Takes what was seen without waiting, and writes it to the access log in batches.

What was taken and is not written yet is lost when the process is killed: that is at most what came within `interval`
seconds while the database answers, and never more than `most` entries or `patience` seconds of them while it does not.
Then nothing more is accepted, and who asks for personal data is refused, until it answers again.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from adapters.contract.usage import Seen, UsageUnavailable
from adapters.runtime.audit import tables
from adapters.runtime.audit.papers import Papers
from adapters.runtime.sql import Connections, Database, DatabaseUnavailable

LOG = logging.getLogger("citygate.audit")
LARGEST_BATCH = 2000
LONGEST_BURST = 1.0
"""Seconds that somebody waits for room while the database takes what waits."""
PRUNE_EVERY = 3600.0
"""Seconds after which what is too old is deleted."""


@dataclass(frozen=True)
class Bounds:
    """How long and how much is taken without being written: seconds, seconds, entries."""

    interval: float = 0.1
    patience: float = 10.0
    most: int = 20_000


class Recorder:
    """What one process has seen, on its way to the log. Begins to write when it is first asked whether it accepts."""

    def __init__(
        self,
        connections: Connections,
        papers: Papers,
        bounds: Bounds | None = None,
        prune: Callable[[], Awaitable[int]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connections, self._papers, self._bounds = connections, papers, bounds or Bounds()
        self._prune, self._clock = prune, clock
        self._prune_at = -math.inf
        self._queue: deque[Seen] = deque()
        self._writing: list[Seen] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._name, self._batch = f"writer {secrets.token_hex(8)}", 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._deadline = math.inf
        self._closed = self._failing = False
        self.append: Callable[[Seen], None] = self._queue.append
        """Takes what was seen: costs no more than a list's `append`."""

    def accepts(self, now: float) -> bool:
        """Whether something more may be seen at a time (seconds since the epoch)."""
        if self._task is None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="access log")
        return now < self._deadline and len(self._queue) + len(self._writing) < self._bounds.most

    async def room(self) -> bool:
        """As `accepts`; where too much waits although the database takes it, wait for that a moment.

        So a burst slows down who comes next instead of refusing them.
        """
        if not self.accepts(self._clock()) and not self._closed and not self._failing:
            with suppress(UsageUnavailable, TimeoutError):
                await asyncio.wait_for(self.settled(), LONGEST_BURST)
        return self.accepts(self._clock())

    async def settled(self) -> None:
        """Wait until everything taken so far is durable. Raises: UsageUnavailable."""
        if not self._queue and not self._writing:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._wake.set()
        try:
            await asyncio.wait_for(done, self._bounds.patience)
        except TimeoutError as exc:
            raise UsageUnavailable("the access log does not answer") from exc

    async def aclose(self) -> None:
        """Take nothing more, and write what is left; what cannot be written within `patience` is said."""
        self._closed, self._deadline = True, -math.inf
        if self._task is not None:
            self._wake.set()
            await asyncio.wait({self._task}, timeout=self._bounds.patience)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        left = len(self._queue) + len(self._writing)
        if left:
            LOG.error("%d uses of personal data are lost: the access log does not answer", left)

    async def _run(self) -> None:
        while not self._closed or self._queue or self._writing:
            if not self._closed:
                await self._pause(self._bounds.interval)
            try:
                await self._write()
                await self._prune_old()
            except Exception as exc:  # nothing may end this: what waits would be lost
                self._failed(exc)
                await self._pause(self._bounds.interval)

    async def _prune_old(self) -> None:
        now = self._clock()
        if self._prune is not None and now >= self._prune_at and not self._closed:
            self._prune_at = now + PRUNE_EVERY
            await self._prune()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        self._wake.clear()

    async def _write(self) -> None:
        while self._queue or self._writing:
            if not self._writing:
                self._batch += 1
                self._writing = [self._queue.popleft() for _ in range(min(len(self._queue), LARGEST_BATCH))]
                self._deadline = min(self._deadline, self._writing[0][1] + self._bounds.patience)
            waiting = 0 if self._queue else len(self._waiting)
            await self._connections.run(partial(self._append, self._writing, self._batch), writes=True)
            self._written(waiting)
        self._release(len(self._waiting))  # also who came while the last batch was written

    def _append(self, seen: Sequence[Seen], batch: int, database: Database) -> None:
        drafts, contents = self._papers.drafts(seen)
        at = round(self._clock() * 1e6)
        tables.append(database, drafts, contents, tables.Writing(self._name, batch, at, self._papers.seal))

    def _written(self, waiting: int) -> None:
        self._writing = []
        self._failing = False
        if not self._closed:
            self._deadline = math.inf
        self._release(waiting)

    def _release(self, waiting: int) -> None:
        for done in self._waiting[:waiting]:
            if not done.done():
                done.set_result(None)
        del self._waiting[:waiting]

    def _failed(self, error: Exception) -> None:
        if not self._failing:
            known = isinstance(error, DatabaseUnavailable)
            reason = str(error) if known else type(error).__name__
            message = "the access log cannot be written, and personal data is soon refused: %s"
            LOG.error(message, reason, exc_info=None if known else error)
        self._failing = True
