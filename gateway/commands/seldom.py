"""Log lines that anybody can cause with a request, said seldom: how many there were, and not each."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

EVERY = 60.0
"""Seconds after which the same line is said again."""
MOST_LINES = 100


class Seldom(logging.Filter):
    """Lets a line through once a minute; the next one says how many were left out. Errors are always let through."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._until: dict[str, float] = {}
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """As `logging` says."""
        if record.levelno >= logging.ERROR:
            return True
        line, now = record.getMessage(), self._clock()
        if now < self._until.get(line, 0.0):
            self._left_out[line] += 1
            return False
        if len(self._until) >= MOST_LINES:
            self._until.clear()
            self._left_out.clear()
        self._until[line] = now + EVERY
        more = self._left_out.pop(line, 0)
        if more:
            record.msg, record.args = f"{line} ({more} more since the last such line)", ()
        return True
