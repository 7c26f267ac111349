"""When the garbage collector looks for objects that refer to each other in a circle, and among how many.

Everybody waits while it does. So what it has found in use is frozen: such objects are freed with their last reference,
as all are, but no more looked through. What lives for long must therefore be no circle once it is over:
docs/decisions/0029. In case that some of it is nevertheless, all is looked through once it has become too much.
"""

from __future__ import annotations

import gc
from math import inf

THRESHOLDS = (20_000, 0, 0)
"""After 20,000 new objects the collector looks among these, after as many more among these and what was left of the
others, and then among all that is not frozen, which takes some 25 ms. What 32 requests make at once is fewer."""
MOST_MADE = 10_000
"""Objects that are made to last before they are frozen. The collector counts what is made less what is freed, and so
does not see that new ones take the place of frozen ones."""
MOST_MORE = 1_000_000
"""Objects by which the frozen may become more before they are looked through."""


class Collector:
    """The collector of this process, which is left as it is until `begin`."""

    def __init__(self) -> None:
        self._most = inf
        self._left = inf

    def begin(self) -> None:
        """Freeze what is there, once the process is ready, and from now on what each full collection leaves."""
        gc.set_threshold(*THRESHOLDS)
        gc.callbacks.append(_freeze)
        self._left = MOST_MADE
        self._look_through()

    def made(self, objects: int) -> None:
        """Take note that about so many objects have been made that will last."""
        self._left -= objects
        if self._left < 0:
            self._left = MOST_MADE
            gc.collect()

    def look(self) -> None:
        """Look through all of it if it has become too much."""
        if gc.get_freeze_count() > self._most:
            self._look_through()

    def _look_through(self) -> None:
        gc.unfreeze()
        gc.collect()
        self._most = gc.get_freeze_count() + MOST_MORE
        gc.collect()  # a full one comes when a quarter has been added to what the last one has left


COLLECTOR = Collector()


def _freeze(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()
