"""The records a city is made of; every department reads the same ones."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """The same words for both kinds of reader."""

    zh: str
    en: str

    def get(self, locale: str) -> str:
        """The words for a language tag: Chinese for `zh…`, English for any other."""
        return self.zh if locale.lower().startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """WGS 84, degrees."""

    lat: float
    lon: float


class Level(StrEnum):
    """The three levels that a complaint climbs."""

    COMMUNITY = "community"
    NEIGHBOURHOOD = "neighbourhood"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative division: 6 digits for a district, 9 for a neighbourhood, 12 for a community."""

    code: str
    level: Level
    name: Text
    parent: str | None
    centre: GeoPoint | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A door in the city; `community` is the 12-digit code of its division."""

    street: Text
    number: int
    room: str
    community: str
    postcode: str
    point: GeoPoint

    @property
    def text(self) -> Text:
        """One line, as people write it."""
        room = f"{self.room}室" if self.room else ""
        unit = f"Room {self.room}, " if self.room else ""
        return Text(f"{self.street.zh}{self.number}号{room}", f"{unit}{self.number} {self.street.en}")


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on a weekday (Monday is 0) from `opens` to `closes`, local time of Asia/Shanghai."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Office:
    """A hall with counters; `services` are the ids of what it does."""

    id: str
    name: Text
    address: Address
    phone: str
    openings: tuple[Opening, ...]
    counters: int
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that a service asks for; `issuer` is the department that holds it already, if one does."""

    code: str
    name: Text
    required: bool = True
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class PublicService:
    """What the city does for people: `minutes` at a counter, `slots` of the calendar, fee in yuan."""

    id: str
    code: str
    name: Text
    summary: Text
    department: str
    documents: tuple[Document, ...]
    minutes: int
    slots: int
    fee: int
    statutory_days: int
    promised_days: int
    for_companies: bool = False


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which only the year, the year and month, or nothing may be known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def text(self) -> str:
        """`2001-02-03`, `2001-02`, `2001` or the empty string."""
        parts = ((self.year, 4), (self.month, 2), (self.day, 2))
        return "-".join(f"{part:0{width}d}" for part, width in parts if part is not None)


class Gender(StrEnum):
    """As the register has it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class Marriage:
    """A marriage that stands, seen from one side."""

    partner: str
    since: date
    place: Text


@dataclass(frozen=True, slots=True)
class Person:
    """A person; parents, children and partner are ids of persons of the same city.

    `secret`: the address may not be given out. `under_investigation`: names of fields that may be wrong.
    """

    id: str
    surname: Text
    given: Text
    gender: Gender
    birth: PartialDate
    birth_place: Text
    address: Address
    resident_since: date
    phone: str
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    marriage: Marriage | None = None
    died: date | None = None
    secret: bool = False
    under_investigation: tuple[str, ...] = ()

    @property
    def name(self) -> Text:
        """Surname first in Chinese and in pinyin; a Latin name of the real test set keeps its own order."""
        if self.surname.zh == self.surname.en:
            full = f"{self.given.en} {self.surname.en}".strip()
            return Text(full, full)
        return Text(self.surname.zh + self.given.zh, f"{self.surname.en} {self.given.en}")


@dataclass(frozen=True, slots=True)
class Household:
    """People registered at one address; `head` is one of `members`."""

    id: str
    address: Address
    head: str
    members: tuple[str, ...]


class Role(StrEnum):
    """What an officer is to a company."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    DIRECTOR = "director"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Officer:
    """A person's part in a company; `signs`: may act for it alone."""

    person: str
    role: Role
    since: date
    signs: bool


class CompanyStatus(StrEnum):
    """As the company register has it."""

    ACTIVE = "active"
    ABNORMAL = "abnormal"
    DEREGISTERED = "deregistered"


@dataclass(frozen=True, slots=True)
class Company:
    """A company: `id` is its 9-digit registration number, `credit_code` the 18 characters of GB 32100."""

    id: str
    credit_code: str
    name: Text
    industry: Text
    founded: date
    capital: int
    address: Address
    officers: tuple[Officer, ...]
    status: CompanyStatus = CompanyStatus.ACTIVE
    employees: int = 0
    seal: str | None = None
