"""Drops that an engine could not take yet, kept until it can."""

from collections.abc import Iterable, Mapping
from itertools import count, islice

MOST_OWED = 100_000


class OwedDrops:
    """Tags whose drop is under way or has failed; bounded, the oldest are forgotten first.

    They live in this process only: another process may serve such an entry until its `ttl` ends.
    """

    def __init__(self, limit: int = MOST_OWED) -> None:
        self._limit = limit
        self._serials = count()
        self._tags: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._tags)

    def add(self, tags: Iterable[str]) -> None:
        """Owe a drop of these tags from now on."""
        for tag in tags:
            self._tags[tag] = next(self._serials)
        while len(self._tags) > self._limit:
            del self._tags[next(iter(self._tags))]

    def some(self, most: int) -> Mapping[str, int]:
        """Return at most this many of the owed tags, to be handed to `settle` once they are dropped."""
        return dict(islice(self._tags.items(), most))

    def settle(self, dropped: Mapping[str, int]) -> None:
        """Strike off what was dropped, except a tag that has been owed anew since."""
        for tag, serial in dropped.items():
            if self._tags.get(tag) == serial:
                del self._tags[tag]
