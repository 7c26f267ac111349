"""When an office is free: its opening hours, less what is booked and what the counters took themselves."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from sandbox.city import ZONE
from sandbox.departments.service_centre.offer import SLOT_MINUTES, Office

HORIZON_DAYS = 60
SLOT = SLOT_MINUTES * 60
Taken = Callable[[int], set[int]]


class Diary:
    """Free starts of offices. One appointment at a time at each office, in slots of ten minutes.

    `taken` gives the slots (unix seconds) that appointments of an office occupy now; `extra` adds starts outside of
    the opening hours, each long enough for anything.
    """

    def __init__(self, seed: int, today: date, taken: Taken, extra: Mapping[int, Iterable[int]]) -> None:
        self._seed, self._today, self._taken = seed, today, taken
        self._extra = {office: tuple(moments) for office, moments in extra.items()}

    def free(self, office: Office, day: date, slots: int, *, now: float) -> list[int]:
        """Starts on a day from which `slots` slots in a row are free, in time order."""
        taken = self._taken(office.id)
        open_slots = set(self._open(office, day)) - taken
        extra = {moment for moment in self._extra.get(office.id, ()) if _day_of(moment) == day} - taken
        long_enough = {
            start for start in open_slots if all(start + at * SLOT in open_slots for at in range(max(1, slots)))
        }
        return sorted(start for start in long_enough | extra if start > now)

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days of a range on which anything can be free at all."""
        extra = {_day_of(moment) for moments in self._extra.values() for moment in moments}
        bookable = {self._today + timedelta(at) for at in range(HORIZON_DAYS + 1)} | extra
        return iter(sorted(day for day in bookable if first <= day <= last))

    def _open(self, office: Office, day: date) -> Iterator[int]:
        if not 0 <= (day - self._today).days <= HORIZON_DAYS:
            return
        rng = random.Random(f"{self._seed}:{office.id}:{day}")
        for opening in office.openings:
            if opening.weekday == day.weekday():
                start, end = (_seconds(day, moment) for moment in (opening.opens, opening.closes))
                yield from _without_walk_ins(rng, range(start, end, SLOT))


def _without_walk_ins(rng: random.Random, slots: range) -> Iterator[int]:
    """About a third goes to people who just come, in runs of some slots."""
    at = 0
    while at < len(slots):
        free, busy = rng.randint(3, 10), rng.randint(1, 5)
        yield from slots[at : at + free]
        at += free + busy


def _seconds(day: date, moment: time) -> int:
    return int(datetime.combine(day, moment, ZONE).timestamp())


def _day_of(moment: int) -> date:
    return datetime.fromtimestamp(moment, ZONE).date()
