"""Rates of this process alone: where nothing is shared, and while what is shared is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from adapters.runtime.store.rates.contract import MICROSECONDS, Bucket, Taken, taken

MOST_BUCKETS = 20_000


class MemoryRates:
    """Buckets in this process's memory; of too many, those that were used least recently are forgotten."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, most: int = MOST_BUCKETS) -> None:
        self._clock, self._most = clock, most
        self._full_at: OrderedDict[str, int] = OrderedDict()

    async def take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        """See `Rates`."""
        now = int(self._clock() * MICROSECONDS)
        full_at = [self._full_at.get(one.name, 0) for one in buckets]
        outcome, then = taken(now, full_at, buckets, least, most)
        for one, at in zip(buckets, then, strict=True):
            self._full_at[one.name] = at
            self._full_at.move_to_end(one.name)
        while len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return outcome

    async def aclose(self) -> None:
        """Forget everything; see `Rates`."""
        self._full_at.clear()
