"""When an order may be sent, and how long to wait after it could not be."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapters.contract.errors import Maintenance, TryLater

LONGEST_ASKED = 86400.0
"""A department that asks to wait for longer than a day is asked once a day."""


class Calendar(Protocol):
    """When departments take orders: their maintenance windows and opening hours."""

    def may_send(self, department: str, now: datetime) -> datetime | None:
        """None when an order may be sent now; otherwise the earliest moment at which one may."""
        ...


class AlwaysOpen:
    """A calendar without windows."""

    def may_send(self, department: str, now: datetime) -> datetime | None:
        """Now."""
        del department, now
        return None


@dataclass(frozen=True)
class Patience:
    """After how many attempts, and seconds, an order goes to the human desk; how long to wait between attempts.

    Waits double from `first` to `longest` seconds, each shortened by up to half at random, so that what failed
    together does not come back together.
    """

    attempts: int = 12
    give_up_after: float = 3 * 86400.0
    first: float = 1.0
    longest: float = 900.0
    jitter: Callable[[], float] = random.random

    def wait(self, attempts: int, error: Exception | None = None) -> float:
        """Seconds until the next attempt after so many; at least what the department asked for."""
        doubled = min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))
        return max(doubled * (1 - self.jitter() / 2), _asked(error))

    def exhausted(self, attempts: int, age: float) -> bool:
        """Whether it is the human desk's turn."""
        return attempts >= self.attempts or age >= self.give_up_after


def _asked(error: Exception | None) -> float:
    if not isinstance(error, TryLater) or error.retry_after is None:
        return 0.0
    # A closed department that all wait for opens to a crowd otherwise.
    spread = 1 + random.random() / 10 if isinstance(error, Maintenance) else 1.0  # noqa: S311
    return min(error.retry_after * spread, LONGEST_ASKED)
