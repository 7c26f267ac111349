"""Opening hours as schema.org writes them (`openingHours`): `Mo-Fr 08:30-17:30`, `Mo,We 09:00-12:00`, `00:00-24:00`."""

from __future__ import annotations

import re
from datetime import time
from typing import NamedTuple

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = "|".join(DAYS)
_LINE = re.compile(
    rf"(?:(?P<days>(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*) )?"
    r"(?P<opens>([01]\d|2[0-3]):[0-5]\d)-(?P<closes>([01]\d|2[0-3]):[0-5]\d|24:00)"
)


class OpeningHours(NamedTuple):
    """On these days of the week (0 is Monday) from `opens` to `closes`, the next midnight when that is None."""

    days: frozenset[int]
    opens: time
    closes: time | None

    @classmethod
    def of(cls, line: str) -> OpeningHours:
        """Read one line. Raises: ValueError."""
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"hours has {line!r}; it must be like 'Mo-Fr 08:30-17:30'")
        opens = time.fromisoformat(found["opens"])
        closes = None if found["closes"] == "24:00" else time.fromisoformat(found["closes"])
        if closes is not None and opens >= closes:
            raise ValueError(f"hours has {line!r}, which closes before it opens: what goes past midnight is two lines")
        return cls(_days(found["days"] or "Mo-Su"), opens, closes)


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        at, end = DAYS.index(first), DAYS.index(last or first)
        days.update(day % 7 for day in range(at, end + 1 if end >= at else end + 8))
    return frozenset(days)
