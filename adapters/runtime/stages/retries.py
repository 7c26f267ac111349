"""The retry budget: a failed call is repeated at once only as long as such repetitions are few."""

from __future__ import annotations

import random

from adapters.contract.errors import AdapterError, Unavailable
from adapters.contract.policy import RetryPolicy

SHORTEST, LONGEST = 0.02, 0.1
"""Seconds before a repetition: at random between the two, so that callers do not come back together."""
MOST_SAVED = 10.0


class RetryBudget:
    """Each call earns a share of a repetition, each repetition spends one. An idle department has one to spend."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._saved = 1.0
        self.configure(policy)

    def configure(self, policy: RetryPolicy) -> None:
        """Go on with other limits."""
        self._share, self._at_most = policy.share, policy.at_most

    def earn(self) -> None:
        """A call begins."""
        if self._saved < MOST_SAVED:
            self._saved += self._share

    def pause(self, error: AdapterError, repeated: int, left: float) -> float | None:
        """Seconds after which a call may be repeated that was so `repeated` times before; None when it may not.

        Only where the department was not reached or broke off: who was silent, is full, or closed, or has said when to
        come back is not pressed. `left` are the seconds that the call still has.
        """
        if not isinstance(error, Unavailable) or error.retry_after is not None or repeated >= self._at_most:
            return None
        pause = random.uniform(SHORTEST, LONGEST)  # noqa: S311  # no secret
        if self._saved < 1.0 or not self._share or pause >= left:
            return None
        self._saved -= 1.0
        return pause
