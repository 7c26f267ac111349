"""What every engine of rates promises, and the arithmetic that all but one share.

It is the generic cell rate algorithm (ATM Forum TM 4.1, also known as a leaky bucket as a meter): of a bucket nothing
is kept but the moment at which it will be full again. Units come back one by one, evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

MICROSECONDS = 1_000_000


class Bucket(NamedTuple):
    """A bucket of `units`, of which one comes back every `interval` microseconds. `name` is kept as it is."""

    name: str
    units: int
    interval: int


class Taken(NamedTuple):
    """What came of it: the units that were given, those left in each bucket, the seconds until it would do."""

    given: int
    left: tuple[int, ...]
    wait: float


class Rates(Protocol):
    """Buckets, full at first. What is forgotten is full again."""

    async def take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        """Take `most` units of every bucket, or what there is but at least `least`; all of them or none, at once.

        Raises: StoreUnavailable.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and files; a second call does nothing."""
        ...


def taken(
    now: int, full_at: Sequence[int], buckets: Sequence[Bucket], least: int, most: int
) -> tuple[Taken, list[int]]:
    """What taking comes to, and when each bucket is then full; moments are in microseconds."""
    owed = [max(0, at - now) for at in full_at]
    left = [max(0, one.units - -(-debt // one.interval)) for debt, one in zip(owed, buckets, strict=True)]
    if min(left) < least:
        waits = [debt - (one.units - least) * one.interval for debt, one in zip(owed, buckets, strict=True)]
        return Taken(0, tuple(left), max(waits) / MICROSECONDS), [now + debt for debt in owed]
    given = min(most, *left)
    then = [now + debt + given * one.interval for debt, one in zip(owed, buckets, strict=True)]
    return Taken(given, tuple(each - given for each in left), 0.0), then
