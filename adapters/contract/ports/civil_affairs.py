"""The civil record of a person: names, birth, relations, nationality, residence; and extracts from the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import ClassVar, Protocol

from adapters.contract.operations import FieldSet, port, read, write
from adapters.contract.records import Address, PartialDate, PersonId, Record


class Gender(Enum):
    """As the register has it."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class SuspensionReason(Enum):
    """Why a record is no longer kept up to date."""

    DECEASED = "deceased"
    EMIGRATED = "emigrated"
    MINISTERIAL_DECREE = "ministerial_decree"
    ERROR = "error"
    OTHER = "other"


class Name(Record, frozen=True):
    """A person's name; `full` is as written in a letter. Parts may be unknown."""

    full: str | None
    given: str | None
    family: str | None
    under_investigation: bool = False


class Birth(Record, frozen=True):
    """When and where; the place and the country are as the register writes them."""

    date: PartialDate | None
    place: str | None
    country: str | None


class Relative(Record, frozen=True):
    """A child, parent or partner as the person's own record shows them; `id` is absent for some."""

    id: PersonId | None
    name: Name | None
    birth: Birth | None


class Marriage(Record, frozen=True):
    """A marriage or registered partnership; `ended_on` is set for one that has been dissolved."""

    partner: Relative
    began_on: PartialDate | None
    place: str | None
    ended_on: PartialDate | None


class Residence(Record, frozen=True):
    """Where a person is registered; `since` may be partial."""

    address: Address | None
    country: str | None
    since: PartialDate | None


class Person(Record, frozen=True):
    """A civil record. Only the selected fields are filled; the others are at their defaults.

    `under_investigation` names those of the selected fields (`gender`, `residence`) that the register doubts at
    present, in whole or in part.
    """

    personal: ClassVar[FieldSet] = frozenset(
        {
            "name",
            "gender",
            "age",
            "birth",
            "nationalities",
            "residence",
            "children",
            "parents",
            "marriages",
            "secret",
            "suspension",
            "deceased_on",
        }
    )

    id: PersonId
    name: Name | None = None
    gender: Gender | None = None
    age: int | None = None
    birth: Birth | None = None
    nationalities: tuple[str, ...] = ()
    residence: Residence | None = None
    children: tuple[Relative, ...] = ()
    parents: tuple[Relative, ...] = ()
    marriages: tuple[Marriage, ...] = ()
    secret: bool = False
    suspension: SuspensionReason | None = None
    deceased_on: PartialDate | None = None
    under_investigation: tuple[str, ...] = ()


@port("persons")
class Persons(Protocol):
    """Civil records by person."""

    @read
    async def by_id(self, persons: Sequence[PersonId], fields: FieldSet) -> Mapping[PersonId, Person]:
        """Civil records; a person whom the register does not know is absent.

        `fields` are names of `Person`'s fields, nested ones dotted (`name.family`); a bare `name` selects all of it.
        Only what is selected is asked from the department.
        Raises: Unavailable, TimedOut, Rejected, QuotaExceeded, Maintenance, Unauthorised, BadReply; ValueError for a
        name that `Person` does not have, which is a fault of the caller.
        """
        ...


class HouseholdMember(Record, frozen=True):
    """A person in a household register; `relation` is to its head (`head`, `spouse`, `child`, …)."""

    name: str | None
    relation: str | None
    birth_date: PartialDate | None


class Household(Record, frozen=True):
    """A household register (hukou) page."""

    personal: ClassVar[FieldSet] = frozenset(
        {"number", "kind", "address", "members.name", "members.relation", "members.birth_date"}
    )

    number: str | None
    kind: str | None
    address: Address | None
    members: tuple[HouseholdMember, ...]


@port("households")
class Households(Protocol):
    """Household registers by one of their members."""

    @read
    async def of_person(self, persons: Sequence[PersonId], fields: FieldSet) -> Mapping[PersonId, Household]:
        """The household of each person; a person in none is absent. Of the personal fields, those in `fields`.

        Raises: Unavailable, TimedOut, Rejected, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...


class ExtractKind(Enum):
    """What an extract certifies."""

    HOUSEHOLD = "household"
    RESIDENCE = "residence"


class ExtractState(Enum):
    """`REQUESTED` awaits the office; `READY` can be fetched."""

    REQUESTED = "requested"
    READY = "ready"


class Extract(Record, frozen=True):
    """A certified extract from a register."""

    personal: ClassVar[FieldSet] = frozenset({"document_url"})

    id: str
    kind: ExtractKind
    state: ExtractState
    requested_at: datetime
    ready_by: datetime | None
    document_url: str | None


class RequestExtract(Record, frozen=True):
    """An order for an extract about the person; `purpose` is printed on it."""

    person: PersonId
    kind: ExtractKind
    purpose: str
    reference: str | None = None


@port("extracts")
class Extracts(Protocol):
    """Extracts that a person asked for."""

    @read
    async def of_person(self, persons: Sequence[PersonId], fields: FieldSet) -> Mapping[PersonId, tuple[Extract, ...]]:
        """Each person's extracts, newest first; none is an empty tuple. Of the personal fields, those in `fields`.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...

    @write
    async def request(self, order: RequestExtract) -> Extract:
        """Ask for an extract.

        Raises: Rejected with problems (`NO_HOUSEHOLD`, `PURPOSE_NOT_ALLOWED`); Ambiguous; and what `of_person` raises.
        """
        ...
