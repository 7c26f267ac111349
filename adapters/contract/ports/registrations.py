"""Registrations: what can be registered, a person's files, and starting one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import ClassVar, Protocol

from adapters.contract.operations import FieldSet, port, read, write
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import PersonId, Record


class RegistrationState(Enum):
    """`PENDING` awaits the department, `SENT_BACK` the person; `APPROVED` and `REJECTED` have ended."""

    DRAFT = "draft"
    PENDING = "pending"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    REJECTED = "rejected"


class RegistrationKind(Record, frozen=True):
    """Something that can be registered; `form_id` is the department's form for it."""

    id: str
    name: str
    description: str | None
    form_id: str | None


class Registration(Record, frozen=True):
    """A person's file at the department."""

    personal: ClassVar[FieldSet] = frozenset({"title", "message", "document_urls"})

    id: str
    kind_id: str
    kind_name: str
    title: str | None
    state: RegistrationState
    created_at: datetime | None
    registered_at: datetime | None
    message: str | None
    handled_by: str | None
    document_urls: tuple[str, ...]


class FormAnswer(Record, frozen=True):
    """One answered field of a form: its code in the form and the value as text."""

    code: str
    value: str


class StartRegistration(Record, frozen=True):
    """An order to open a file. `answers` fill the kind's form."""

    person: PersonId
    kind_id: str
    title: str
    answers: tuple[FormAnswer, ...]
    document_urls: tuple[str, ...] = ()
    reference: str | None = None


@port("registrations")
class Registrations(Protocol):
    """Kinds of registration and a person's files."""

    @read
    async def kinds(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[RegistrationKind, ...]]:
        """What can be registered.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...

    @read
    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet
    ) -> Mapping[PersonId, tuple[Registration, ...]]:
        """Each person's files, newest first; a person without any has an empty tuple.

        Of the personal fields, those in `fields`.

        Raises: what `kinds` raises.
        """
        ...

    @write
    async def start(self, order: StartRegistration) -> Registration:
        """Open a file; the answer is as the department registered it.

        Raises: Rejected with one problem per field that does not fit; NotFound (the kind); Ambiguous; and what
        `kinds` raises.
        """
        ...
