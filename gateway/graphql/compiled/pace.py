"""Keeps one execution from holding the event loop: what is long goes on in pieces, between which others have a turn.

Work is counted and not timed, in units of about a tenth of a microsecond: an attribute of a record is one, a call of
one of Strawberry's resolvers a hundred. As long as an execution stays within one slice nothing of this is noticed.
"""

import asyncio
from collections import deque
from math import inf
from typing import Any

LEAF, COERCED, COMPOSITE, DIRECT, CALL = 1, 5, 5, 10, 100
UNKNOWN = 2000
"""Units of an object whose fields have no code."""
_AT_ONCE = 20
"""Who waits for a turn costs something even if there is nothing left for it."""


class Pace:
    """The pace of one execution; the default has no limits, and needs no event loop.

    `left` are the units until others have their turn; `items` counts those of all lists, of which there may be
    `most_items`; `flying` counts the values that are awaited. Nothing is begun while there are `most_flying`: all of
    them may arrive at once.
    """

    __slots__ = ("_scheduled", "_waiting", "flying", "items", "left", "most_flying", "most_items", "slice")

    def __init__(self, units: float = inf, most_items: float = inf, most_flying: float = inf) -> None:
        self.slice = self.left = units
        self.items = 0
        self.most_items = most_items
        self.flying = 0
        self.most_flying = most_flying
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._scheduled = False

    def step(self, weight: int) -> int:
        """How many items of a weight make half a slice."""
        return max(1, int(self.slice / (2 * weight)))

    async def turn(self, units: int) -> None:
        """Spend units, once there are some."""
        while self.left <= 0 or self.flying > self.most_flying:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            self._schedule()
            await waiter
        self.left -= units

    def landed(self) -> None:
        """A value that was awaited is there."""
        self.flying -= 1
        if self._waiting:
            self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._release)

    def _release(self) -> None:
        self._scheduled = False
        self.left = self.slice
        if self.flying > self.most_flying:
            return
        for _ in range(min(_AT_ONCE, len(self._waiting))):
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
        if self._waiting:
            self._schedule()


def weight_of(complete: Any) -> int:
    """The units that it takes to complete one value."""
    weight: int = getattr(complete, "weight", UNKNOWN)
    return weight
