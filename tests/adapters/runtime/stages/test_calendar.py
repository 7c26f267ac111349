"""Who is closed is not asked, and it is said until when: in the department's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.contract.errors import Maintenance
from adapters.contract.opening_hours import OpeningHours
from adapters.contract.policy import CallPolicy
from adapters.runtime.stages.calendar import Calendar
from tests.adapters.runtime.stages.clock import Clock

SHANGHAI_TUESDAY = "2026-11-24T{}+08:00"


def policy(**given: Any) -> CallPolicy:
    return msgspec.convert(given, CallPolicy)


def closed_until(calendar: Calendar, moment: str) -> str | None:
    found = calendar.closed_until(datetime.fromisoformat(moment))
    return None if found is None else found.astimezone(UTC).isoformat()


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-24T08:29:59+08:00", "2026-11-24T00:30:00+00:00"),
        ("2026-11-24T08:30:00+08:00", None),
        ("2026-11-24T11:59:59+08:00", None),
        ("2026-11-24T12:00:00+08:00", "2026-11-24T05:30:00+00:00"),
        ("2026-11-24T17:30:00+08:00", "2026-11-25T00:30:00+00:00"),
        ("2026-11-27T18:00:00+08:00", "2026-11-28T01:00:00+00:00"),
        ("2026-11-28T12:00:00+08:00", "2026-11-30T00:30:00+00:00"),
    ],
    ids=["before", "at the opening", "within", "at noon", "in the evening", "on Friday evening", "over the weekend"],
)
def test_opening_hours(moment: str, until: str | None) -> None:
    calendar = Calendar(policy(hours=["Mo-Fr 08:30-12:00", "Mo-Fr 13:30-17:30", "Sa 09:00-11:00"]))
    assert closed_until(calendar, moment) == until


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-12-01T21:59:59+08:00", None),
        ("2026-12-01T22:00:00+08:00", "2026-12-01T22:00:00+00:00"),
        ("2026-12-02T05:59:59+08:00", "2026-12-01T22:00:00+00:00"),
        ("2026-12-02T06:00:00+08:00", None),
    ],
)
def test_a_maintenance_window_follows_another_at_once(moment: str, until: str | None) -> None:
    windows = [
        {"from": datetime(2026, 12, 1, 22), "until": datetime(2026, 12, 2, 4)},
        {"from": "2026-12-01T20:00:00Z", "until": "2026-12-01T22:00:00Z"},
    ]
    assert closed_until(Calendar(policy(maintenance=windows)), moment) == until


def test_the_end_of_maintenance_at_night_is_the_next_opening() -> None:
    windows = [{"from": "2026-11-24T17:00:00", "until": "2026-11-24T23:00:00"}]
    calendar = Calendar(policy(hours=["08:30-17:30"], maintenance=windows))
    assert closed_until(calendar, "2026-11-24T17:10:00+08:00") == "2026-11-25T00:30:00+00:00"


def test_a_day_that_has_another_length() -> None:
    """In Berlin on 25 October 2026 it is three o'clock only once, four hours after midnight."""
    calendar = Calendar(policy(time_zone="Europe/Berlin", hours=["03:00-24:00"]))
    assert closed_until(calendar, "2026-10-25T00:00:00+02:00") == "2026-10-25T02:00:00+00:00"
    assert closed_until(calendar, "2026-10-25T23:59:59+01:00") is None


def test_a_refusal_says_until_when_in_the_departments_time() -> None:
    clock = Clock(datetime(2026, 11, 24, 0, 20, tzinfo=UTC).timestamp())
    calendar = Calendar(policy(hours=["08:30-17:30"]), clock)
    with pytest.raises(Maintenance) as caught:
        calendar.check()
    assert (caught.value.until.isoformat(), caught.value.retry_after) == (  # type: ignore[union-attr]
        "2026-11-24T08:30:00+08:00",
        600,
    )
    clock.passes(600)
    calendar.check()
    clock.passes(9 * 3600)
    with pytest.raises(Maintenance):
        calendar.check()


def test_what_a_department_says_of_itself_is_believed_for_a_minute() -> None:
    clock = Clock()
    calendar = Calendar(policy(), clock)
    calendar.check()
    calendar.announce(None, 3600, longest=900)
    with pytest.raises(Maintenance) as caught:
        calendar.check()
    assert caught.value.retry_after == 3600
    clock.passes(60)
    calendar.check()
    until = datetime.fromtimestamp(clock.now + 20, UTC)
    calendar.announce(until, None, longest=900)
    with pytest.raises(Maintenance) as caught:
        calendar.check()
    assert caught.value.until == until
    clock.passes(20)
    calendar.check()
    for said in ((None, None, 900), (until, None, 900), (None, 60, 0)):
        calendar.announce(*said)
        calendar.check()


@pytest.mark.parametrize(
    ("line", "days", "opens", "closes"),
    [
        ("Mo-Fr 08:30-17:30", {0, 1, 2, 3, 4}, "08:30:00", "17:30:00"),
        ("Sa-Mo 00:00-24:00", {5, 6, 0}, "00:00:00", None),
        ("Mo,We-Th 09:00-10:00", {0, 2, 3}, "09:00:00", "10:00:00"),
        ("09:00-10:00", set(range(7)), "09:00:00", "10:00:00"),
    ],
)
def test_lines_of_opening_hours(line: str, days: set[int], opens: str, closes: str | None) -> None:
    found = OpeningHours.of(line)
    assert (set(found.days), found.opens.isoformat()) == (days, opens)
    assert (found.closes and found.closes.isoformat()) == closes


@pytest.mark.parametrize(
    "given",
    [
        {"hours": ["Mo-Fr"]},
        {"hours": ["mo-fr 08:00-12:00"]},
        {"hours": ["Mo 22:00-04:00"]},
        {"hours": ["Mo 08:00-25:00"]},
        {"time_zone": "Asia/Atlantis"},
        {"time_zone": "../../etc/passwd"},
        {"maintenance": [{"from": "2026-12-01T22:00:00", "until": "2026-12-01T22:00:00"}]},
        {"maintenance": [{"from": "2026-12-01T22:00:00Z", "until": "2026-12-02T22:00:00"}]},
    ],
)
def test_what_is_no_calendar_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match="|".join(given) + "|from"):
        policy(**given)
