"""Complaints: categories, a person's complaints with what was done about them, and filing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import ClassVar, Protocol

from adapters.contract.operations import FieldSet, port, read, write
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import GeoPoint, PersonId, Record


class ComplaintState(Enum):
    """`RECEIVED` to `PLANNED` await the city; `REFERRED` moved to another body; the others have ended."""

    RECEIVED = "received"
    INVESTIGATING = "investigating"
    IN_PROGRESS = "in_progress"
    PLANNED = "planned"
    REFERRED = "referred"
    FIXED = "fixed"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class ComplaintCategory(Record, frozen=True):
    """A kind of complaint; `group` gathers kinds for a list."""

    code: str
    name: str
    description: str | None
    group: str | None


class Complaint(Record, frozen=True):
    """A complaint as the hotline has it.

    `tracking_number` is what the public sees; it is None while the department has only taken the complaint and its
    number is to come (`token` stands for it, also as `id`), and for ever where the department gives none: such a
    complaint cannot be followed, and its `id` is our reference. `awaiting` names the body that acts next, and is None
    once the complaint has ended.
    """

    personal: ClassVar[FieldSet] = frozenset({"state_note", "description", "address", "location", "photo_url"})

    id: str
    tracking_number: str | None
    token: str | None
    category_code: str
    category_name: str
    state: ComplaintState
    state_note: str | None
    description: str | None
    filed_at: datetime | None
    updated_at: datetime | None
    expected_at: datetime | None
    awaiting: str | None
    address: str | None
    location: GeoPoint | None
    photo_url: str | None


class ComplaintUpdate(Record, frozen=True):
    """One step in a complaint's life."""

    id: str
    complaint_id: str
    state: ComplaintState | None
    at: datetime
    text: str | None


class FileComplaint(Record, frozen=True):
    """An order to file. A place is `location` or `address`, at least one; `person` is None for an anonymous one.

    `attributes` are answers to the category's own questions: pairs of a question's code and the answer.
    """

    person: PersonId | None
    category_code: str
    description: str
    location: GeoPoint | None
    address: str | None
    photo_urls: tuple[str, ...] = ()
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    reference: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()


@port("complaints")
class Complaints(Protocol):
    """The city's complaints desk."""

    @read
    async def categories(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[ComplaintCategory, ...]]:
        """What can be complained of.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...

    @read
    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet
    ) -> Mapping[PersonId, tuple[Complaint, ...]]:
        """Each person's complaints, newest first; a person without any has an empty tuple.

        Of the personal fields, those in `fields`.

        Raises: what `categories` raises.
        """
        ...

    @read
    async def updates(self, complaints: Sequence[str]) -> Mapping[str, tuple[ComplaintUpdate, ...]]:
        """Steps of each complaint by its id, oldest first, all complaints in one call.

        Raises: what `categories` raises.
        """
        ...

    @write
    async def file(self, order: FileComplaint) -> Complaint:
        """File a complaint.

        Raises: Rejected with one problem per field that does not fit; Ambiguous; and what `categories` raises.
        """
        ...
