"""The bulkhead: one department has so many calls in flight, and a short queue, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections import deque

from adapters.contract.errors import Unreachable
from adapters.contract.manifest import seconds
from adapters.contract.policy import CallPolicy


class Bulkhead:
    """Places for calls. Who waits gets the next one that is given back, in the order of coming."""

    def __init__(self, policy: CallPolicy) -> None:
        self._inside = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self.configure(policy)

    def configure(self, policy: CallPolicy) -> None:
        """Go on with other limits; who waits already waits as before."""
        self._most, self._longest_queue, self._patience = policy.in_flight, policy.waiting, seconds(policy.wait)
        while self._inside < self._most and self._hand_on():
            self._inside += 1

    @property
    def patience(self) -> float:
        """Seconds for which a place is waited for at most."""
        return self._patience

    @property
    def inside(self) -> int:
        """How many have a place."""
        return self._inside

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._queue)

    def take(self) -> bool:
        """Take a place, if there is one and nobody waits."""
        if self._inside >= self._most or self._queue:
            return False
        self._inside += 1
        return True

    async def wait(self) -> None:
        """Wait for a place, and take it. Raises: Unreachable when the queue is full or the wait is over."""
        if len(self._queue) >= self._longest_queue or not self._patience:
            raise self._crowded()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._queue.append(waiter)
        timer = loop.call_later(self._patience, self._give_up, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:  # the place came too late
                self.give_back()
            raise
        finally:
            timer.cancel()
            if waiter in self._queue:
                self._queue.remove(waiter)

    def give_back(self) -> None:
        """Give a place back, to who waits first."""
        if not self._queue or self._inside > self._most or not self._hand_on():
            self._inside -= 1

    def _hand_on(self) -> bool:
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return True
        return False

    def _give_up(self, waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            waiter.set_exception(self._crowded())

    def _crowded(self) -> Unreachable:
        return Unreachable(f"{self._inside} calls are under way already", retry_after=max(self._patience, 1.0))
