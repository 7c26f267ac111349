"""The circuit breaker: a department that fails again and again is left alone for a while, then asked once."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapters.contract.errors import Unreachable
from adapters.contract.manifest import seconds
from adapters.contract.policy import BreakerPolicy

OPEN, HALF_OPEN, CLOSED = "open", "half_open", "closed"
SOON = 0.1
"""Seconds after which the outcome of the one call that is let through may be known."""
Clock = Callable[[], float]


class Breaker:
    """Counts failures from the first one on, for a window. What a call knows it by is its ticket.

    The tickets of before a change are good for nothing after it, so that what was under way when it opened decides
    nothing later. `changed` is told when it opens or closes by itself.
    """

    def __init__(
        self,
        policy: BreakerPolicy,
        clock: Clock = time.monotonic,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._ticket = 0
        self._open_until: float | None = None
        self._probing = False
        self._failures = self._answers = 0
        self._window_ends = 0.0
        self.configure(policy)

    def configure(self, policy: BreakerPolicy) -> None:
        """Go on with other limits. What is open stays so, for no longer than they say."""
        self._limit, self._window, self._open_for = policy.failures, seconds(policy.window), seconds(policy.open_for)
        if self._open_until is not None:
            self._open_until = min(self._open_until, self._clock() + self._open_for)

    @property
    def state(self) -> str:
        """`closed`, `open`, or `half_open` when one call may go or is under way."""
        if self._open_until is None:
            return CLOSED
        return HALF_OPEN if self._probing or self._clock() >= self._open_until else OPEN

    @property
    def open_for(self) -> float:
        """Seconds for which it is still open; 0 when it is not."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock())

    def begin(self) -> int:
        """The ticket of a call that may go. Raises: Unreachable."""
        if self._open_until is not None:
            self.check()
            self._probing = True
        return self._ticket

    def check(self) -> None:
        """Raises: Unreachable when no call may go."""
        if self._open_until is None:
            return
        left = self._open_until - self._clock()
        if left > 0 or self._probing:
            raise Unreachable("it failed again and again, and is left alone for a while", retry_after=max(left, SOON))

    def answered(self, ticket: int) -> None:
        """The department did its part, whatever it answered."""
        if ticket != self._ticket:
            return
        if self._open_until is not None:
            self.close()
            self._changed()
        elif self._failures:
            self._answers += 1

    def failed(self, ticket: int) -> None:
        """The department did not do its part."""
        if ticket != self._ticket:
            return
        if self._open_until is None and not self._too_many():
            return
        self.open(self._open_for)
        self._changed()

    def abandoned(self, ticket: int) -> None:
        """The call ended without saying anything about the department."""
        if ticket == self._ticket:
            self._probing = False

    def _too_many(self) -> bool:
        now = self._clock()
        if now >= self._window_ends:
            self._window_ends = now + self._window
            self._failures = self._answers = 0
        self._failures += 1
        return self._failures >= max(self._limit, self._answers)

    def open(self, for_seconds: float) -> None:
        """Let nobody through for so long, and for no longer than the policy says."""
        self._turn(self._clock() + min(for_seconds, self._open_for))

    def close(self) -> None:
        """Let everybody through."""
        self._turn(None)

    def _turn(self, open_until: float | None) -> None:
        self._ticket += 1
        self._open_until = open_until
        self._probing = False
        self._failures = self._answers = 0
        self._window_ends = 0.0
