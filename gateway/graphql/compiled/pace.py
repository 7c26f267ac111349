"""Keeps one execution from holding the event loop: what is long goes on in pieces, between which others have a turn.

Work is counted and not timed, in units of about a tenth of a microsecond: an attribute of a record is one, a call of
one of Strawberry's resolvers a hundred. As long as an execution stays within one slice nothing of this is noticed.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Any

from gateway.graphql.refusal import result_excess

LEAF, COERCED, COMPOSITE, DIRECT, CALL, ERROR = 1, 5, 5, 10, 100, 200
UNKNOWN = 2000
"""Units of an object whose fields have no code."""
_AT_ONCE = 20
"""Who waits for a turn costs something even if there is nothing left for it."""
_PIECES = 40
"""Of a slice: how dear a piece was is known after it only, for what fails is dearer than what does not."""


@dataclass(slots=True, eq=False, kw_only=True)
class Pace:
    """The pace of one execution and its bounds; the default has none, and needs no event loop.

    `slice` are the units between two turns, of which a tenth may be spent on one list without looking up; `left` are
    those of this turn. `items` counts those of all lists, `flying` the values that are awaited. Nothing is begun while
    there are `most_flying`: all of them may arrive at once.
    """

    slice: float = inf
    most_items: float = inf
    most_errors: float = inf
    most_flying: float = inf
    left: float = field(init=False)
    at_once: float = field(init=False)
    items: int = 0
    errors: int = 0
    flying: int = 0
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque, init=False)
    _scheduled: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.left = self.slice
        self.at_once = self.slice / 10

    def step(self, weight: int) -> int:
        """How many items of a weight make one piece."""
        return max(1, int(self.slice / (_PIECES * weight)))

    async def turn(self, units: int) -> None:
        """Spend units, once there are some."""
        while self.left <= 0 or self.flying > self.most_flying:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            self._schedule()
            await waiter
        self.left -= units

    def failed(self) -> None:
        """An error is to be collected. Raises: HTTPRefusal."""
        self.left -= ERROR
        self.errors += 1
        if self.errors > self.most_errors:
            raise result_excess("errors", int(self.most_errors))

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


UNBOUNDED = Pace()
"""The pace of executions that have none: what it counts means nothing."""


def weight_of(complete: Any) -> int:
    """The units that it takes to complete one value."""
    weight: int = getattr(complete, "weight", UNKNOWN)
    return weight
