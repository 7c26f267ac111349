"""Places of which there are so many, given in the order in which they are asked for."""

from __future__ import annotations

import asyncio
from collections import deque


class Places:
    """As `asyncio.Semaphore`, but whoever finds one `free`, as none is while others wait, takes it without a call."""

    __slots__ = ("_waiting", "free")

    def __init__(self, count: int) -> None:
        self.free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Wait for a place, which is the caller's then."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():  # the place was given just then
                self.release()
            raise

    def release(self) -> None:
        """Give a place back: to whoever has waited longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():  # else its owner has gone away
                waiter.set_result(None)
                return
        self.free += 1
