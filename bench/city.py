"""What the canned city knows of each person: the same for ever, and different for everybody.

The departments word it in their protocols, the workloads say how the gateway must show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=8))
_EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
_FIRST_PERSON = 100_000_000
_SERVICES = ("Passport renewal", "Residence permit", "Company registration", "Driving licence", "Marriage")
_KINDS = (
    "Company registration",
    "Sole trader registration",
    "Branch registration",
    "Change of name",
    "Change of address",
    "Change of representative",
    "Change of capital",
    "Food licence",
    "Publication permit",
    "Deregistration",
)
_OFFICES = ("Service Centre North", "Service Centre South", "Guandong Sub-district Office")
_CATEGORIES = ("Street light", "Manhole cover", "Noise at night", "Pothole", "Rubbish")


@dataclass(frozen=True, slots=True)
class Visit:
    """A confirmed appointment; `key` is its bearer secret."""

    number: int
    key: str
    starts_at: datetime
    office: str
    service: str


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be registered."""

    code: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class File:
    """A file at the registration hall, which is at work on it."""

    number: str
    kind: Kind
    created_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """A complaint that somebody is at work on, and what was last said about it."""

    number: str
    category: str
    filed_at: datetime
    updated_at: datetime
    awaiting: str
    last_step: str


@dataclass(frozen=True, slots=True)
class Period:
    """A period for which a tax declaration is open; days as ISO 8601."""

    key: str
    first: str
    last: str
    due: str


@dataclass(frozen=True, slots=True)
class Civilian:
    """A person in the civil register."""

    name: str
    born_on: str
    address: tuple[str, str]


KINDS = tuple(Kind(f"k-{at}", name, f"{name} at the registration hall.") for at, name in enumerate(_KINDS))
"""The ten kinds of files."""


def person(index: int) -> str:
    """The identity number, nine digits, of the n-th person."""
    return str(_FIRST_PERSON + index)


def visits(owner: str, count: int) -> list[Visit]:
    """A person's appointments, soonest first."""
    return [
        Visit(
            number=int(owner) * 100 + at,
            key=f"{int(owner) * 100 + at:064x}",
            starts_at=_EPOCH + timedelta(days=at, minutes=int(owner) % 60),
            office=_pick(_OFFICES, owner, at),
            service=_pick(_SERVICES, owner, at),
        )
        for at in range(count)
    ]


def files(owner: str, count: int) -> list[File]:
    """A person's files at the registration hall, newest first."""
    return [
        File(
            number=f"f-{owner}-{at}",
            kind=KINDS[(int(owner) + at) % len(KINDS)],
            created_at=(_EPOCH - timedelta(days=at)).astimezone(UTC),
            message=f"Desk {at} of {owner} is at work on it.",
        )
        for at in range(count)
    ]


def reports(owner: str, count: int) -> list[Report]:
    """A person's complaints, newest first."""
    return [report(f"{owner}-{at}") for at in range(count)]


def report(number: str) -> Report:
    """The complaint with a number that `reports` gave out."""
    owner, _, at = number.partition("-")
    filed = _EPOCH - timedelta(hours=int(at))
    return Report(
        number=number,
        category=_pick(_CATEGORIES, owner, int(at)),
        filed_at=filed,
        updated_at=filed + timedelta(minutes=int(owner) % 60),
        awaiting=_pick(_OFFICES, owner, int(at)),
        last_step=f"Crew {at} of {owner} is on its way.",
    )


def periods(owner: str, count: int) -> list[Period]:
    """What a person has to declare, one year each, soonest due first."""
    return [
        Period(
            key=f"{year % 100:02}{owner[-2:]}",
            first=f"{year}-01-01",
            last=f"{year}-12-31",
            due=f"{year + 1}-{int(owner) % 12 + 1:02}-07",
        )
        for year in range(2025, 2025 + count)
    ]


def civilian(owner: str) -> Civilian:
    """A person's entry in the civil register."""
    return Civilian(
        name=f"Chen {owner}",
        born_on=f"19{int(owner) % 90 + 10}-05-17",
        address=(f"{int(owner) % 997 + 1} Guanshan Avenue", "430074 Wuhan"),
    )


def _pick(choices: tuple[str, ...], owner: str, at: int) -> str:
    return choices[(int(owner) + at) % len(choices)]
