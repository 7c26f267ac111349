"""The bureau's register: households of the city, and the extracts that people asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from random import Random

from sandbox.city import ZONE, City
from sandbox.records import Household, Text

NAME = "public_security"
WORKING_DAYS = 3
LONGEST_PURPOSE = 100
NOT_ALLOWED = ("抵押", "pledge", "collateral")
_CLOSES = time(17)
_SATURDAY = 5
_WHERE = "https://files.public-security.example/extracts/{}.pdf?from=register&copy=1"


class ExtractType(StrEnum):
    """What an extract certifies."""

    HOUSEHOLD = "HOUSEHOLD"
    RESIDENCE = "RESIDENCE"


@dataclass(frozen=True, slots=True)
class Extract:
    """An extract; it is ready once `ready_by` has passed."""

    id: str
    person: str
    type: ExtractType
    purpose: str
    requested_at: datetime
    ready_by: datetime

    @property
    def ready(self) -> bool:
        """Whether it can be fetched."""
        return self.ready_by <= datetime.now(ZONE)

    @property
    def url(self) -> str:
        """Where it can be fetched."""
        return _WHERE.format(self.id)


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason to refuse a request: its code and what the person reads."""

    code: str
    text: Text


PROBLEMS = {
    "NO_HOUSEHOLD": Text("该人未登记在任何户内", "The person is registered in no household"),
    "PERSON_UNKNOWN": Text("查无此人", "The register does not know the person"),
    "PERSON_DECEASED": Text("该人已死亡", "The person has died"),
    "PURPOSE_MISSING": Text("请填写用途", "State what the extract is for"),
    "PURPOSE_TOO_LONG": Text(f"用途不得超过{LONGEST_PURPOSE}字", f"At most {LONGEST_PURPOSE} characters"),
    "PURPOSE_NOT_ALLOWED": Text("户籍证明不得用于抵押", "An extract may not serve as a pledge"),
    "EXTRACT_TYPE_UNKNOWN": Text("没有该证明类型", "There is no such extract"),
    "REGISTER_UNAVAILABLE": Text(
        "户籍系统暂不可用，请稍后再试", "The register is not available, please try again later"
    ),
    "MAINTENANCE": Text("户籍系统维护中", "The register is closed for maintenance"),
    "QUOTA_EXCEEDED": Text("请求过于频繁", "Too many requests"),
}


class Register:
    """The state of the bureau."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._divisions = {division.code: division for division in city.divisions}
        self.reset()

    def reset(self) -> None:
        """Back to the seeded state."""
        self._extracts = [extract for person in self.city.persons for extract in self._seeded(person)]
        self._by_issue: dict[tuple[str, str], Extract] = {}
        self._number = len(self._extracts)

    def household_of(self, person: str) -> Household | None:
        """The household that a person is registered in."""
        return self.city.household_of(person)

    def address_lines(self, household: Household, locale: str) -> list[str]:
        """The door, then its divisions from the smallest to the greatest."""
        lines = [household.address.text.get(locale)]
        division = self._divisions.get(household.address.community)
        while division is not None:
            lines.append(division.name.get(locale))
            division = self._divisions.get(division.parent or "")
        return lines

    def relation(self, household: Household, member: str) -> str:
        """What a member is to the household's head."""
        head, person = self.city.persons[household.head], self.city.persons[member]
        married = head.marriage is not None and head.marriage.partner == member
        relations = {
            "HEAD": member == household.head,
            "SPOUSE": married,
            "CHILD": member in head.children,
            "PARENT": member in head.parents,
            "SIBLING": bool(set(head.parents) & set(person.parents)),
        }
        return next((name for name, holds in relations.items() if holds), "OTHER")

    def extracts_of(self, person: str) -> list[Extract]:
        """The extracts about a person, as they came in."""
        return [extract for extract in self._extracts if extract.person == person]

    def request(self, person: str, kind: str, purpose: str, *, issue: str) -> Extract | list[Problem]:
        """A new extract, the first one again for a repeated issue, or everything that speaks against it."""
        problems = [Problem(code, PROBLEMS[code]) for code in self._against(person, kind, purpose.strip())]
        if problems:
            return problems
        known = self._by_issue.get((issue, person)) if issue else None
        if known is not None:
            return known
        self._number += 1
        now = datetime.now(ZONE)
        extract = Extract(_id(person, self._number), person, ExtractType(kind), purpose, now, _ready_by(now))
        self._extracts.append(extract)
        self._by_issue[issue, person] = extract
        return extract

    def seed_report(self) -> dict[str, object]:
        """Which of the public divisions come into households' addresses."""
        if self.city.data is None:
            return {"served": 0, "refused": {}, "sources": {}}
        divisions = [code for code in self._divisions if len(code) < len("420115088002")]
        named = {code for each in self.city.households for code in self._codes(each.address.community)}
        served = sum(code in named for code in divisions)
        refused = {"no_household_there": len(divisions) - served}
        return {"served": served, "refused": refused, "sources": {"cn_divisions": len(divisions)}}

    def _codes(self, code: str) -> Iterator[str]:
        division = self._divisions.get(code)
        while division is not None:
            yield division.code
            division = self._divisions.get(division.parent or "")

    def _against(self, code: str, kind: str, purpose: str) -> Iterator[str]:
        person = self.city.persons.get(code)
        if person is None:
            yield "PERSON_UNKNOWN"
        elif person.died:
            yield "PERSON_DECEASED"
        elif kind == ExtractType.HOUSEHOLD and self.household_of(code) is None:
            yield "NO_HOUSEHOLD"
        if kind not in ExtractType.__members__:
            yield "EXTRACT_TYPE_UNKNOWN"
        if not purpose:
            yield "PURPOSE_MISSING"
        elif len(purpose) > LONGEST_PURPOSE:
            yield "PURPOSE_TOO_LONG"
        if any(word in purpose.lower() for word in NOT_ALLOWED):
            yield "PURPOSE_NOT_ALLOWED"

    def _seeded(self, person: str) -> Iterator[Extract]:
        rng = Random(f"{self.city.seed}:{NAME}:{person}")
        opens = datetime.combine(self.city.today, time(9), ZONE)
        for number in range(self.city.entries_of(person, NAME)):
            requested = opens - timedelta(days=number * 5 + rng.randrange(1, 5), minutes=-rng.randrange(450))
            kind = ExtractType.HOUSEHOLD if number % 2 else ExtractType.RESIDENCE
            yield Extract(_id(person, number), person, kind, "School enrolment", requested, _ready_by(requested))


def _id(person: str, number: int) -> str:
    return f"HJ{person}{number:05d}"


def _ready_by(requested: datetime) -> datetime:
    """The end of the third working day after the request."""
    day, left = requested.date(), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return datetime.combine(day, _CLOSES, ZONE)
