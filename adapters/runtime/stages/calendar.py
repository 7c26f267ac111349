"""Maintenance windows and opening hours: who is closed is not asked, and it is said until when."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from adapters.contract.errors import Maintenance
from adapters.contract.opening_hours import OpeningHours
from adapters.contract.policy import CallPolicy

LOOK_AFTER = 1.0
"""Seconds for which what was found out is good."""
LONGEST_ANNOUNCED = 60.0
MOST_STEPS = 1000
Clock = Callable[[], float]


class Calendar:
    """When a department is open. `announced` is what it says of itself while it runs."""

    def __init__(self, policy: CallPolicy, clock: Clock = time.time) -> None:
        self._clock = clock
        self._announced: datetime | None = None
        self._ask_at = 0.0
        self.configure(policy)

    def configure(self, policy: CallPolicy) -> None:
        """Go on with another calendar."""
        self._zone = ZoneInfo(policy.time_zone)
        self._hours = [OpeningHours.of(line) for line in policy.hours]
        self._maintenance = [(self._moment(one.start), self._moment(one.until)) for one in policy.maintenance]
        self._always = not self._hours and not self._maintenance and self._announced is None
        self._until: datetime | None = None
        self._look_at = 0.0

    def check(self) -> None:
        """Raises: Maintenance with `until` while it is closed."""
        if self._always:
            return
        now = self._clock()
        if self._announced is not None:
            self._check_announced(self._announced, now)
        if now >= self._look_at:
            self._look_at = now + LOOK_AFTER
            self._until = self.closed_until(datetime.fromtimestamp(now, UTC))
        if self._until is not None:
            raise self._closed(self._until, now)

    def _check_announced(self, until: datetime, now: float) -> None:
        if now < self._ask_at:
            raise self._closed(until, now)
        self._announced = None

    def announce(self, until: datetime | None, retry_after: float | None, longest: float) -> None:
        """The department says that it is closed, and until when.

        It is asked again after `longest` seconds, and after a minute in any case: it may be back early.
        """
        now = self._clock()
        wait = until.timestamp() - now if until else retry_after or 0.0
        if wait > 0:
            self._announced = until or datetime.fromtimestamp(now + wait, UTC)
            self._ask_at = now + min(wait, longest, LONGEST_ANNOUNCED)
            self._always = False

    def closed_until(self, at: datetime) -> datetime | None:
        """The end of the closed time that a moment lies in, in UTC; None when it is open then."""
        moment = at
        for _ in range(MOST_STEPS):
            later = self._later(moment)
            if later == moment:
                break
            moment = later
        return None if moment == at else moment

    def _later(self, at: datetime) -> datetime:
        for start, until in self._maintenance:
            if start <= at < until:
                return until
        return self._opening(at) if self._hours else at

    def _opening(self, at: datetime) -> datetime:
        """The moment itself within opening hours, or else the next opening."""
        local = at.astimezone(self._zone)
        found: list[datetime] = []
        for days_on in range(8):
            day = local.date() + timedelta(days=days_on)
            for one in self._hours:
                if day.weekday() not in one.days:
                    continue
                opens = datetime.combine(day, one.opens, self._zone).astimezone(UTC)
                end = day + timedelta(days=1) if one.closes is None else day
                closes = datetime.combine(end, one.closes or time_of_day(), self._zone).astimezone(UTC)
                if at < closes:
                    found.append(max(at, opens))
        return min(found, default=at)

    def _moment(self, moment: datetime) -> datetime:
        return (moment.replace(tzinfo=self._zone) if moment.tzinfo is None else moment).astimezone(UTC)

    def _closed(self, until: datetime, now: float) -> Maintenance:
        wait = max(0.0, until.timestamp() - now)
        return Maintenance("it is closed", until=until.astimezone(self._zone), retry_after=wait)
