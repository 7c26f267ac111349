"""Appointments at an office: free slots, holding one, confirming it, and a person's own list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import ClassVar, Protocol

from adapters.contract.operations import FieldSet, Seen, port, read, seen_by, write
from adapters.contract.records import Address, OfficeId, PersonId, Record, ServiceId


class AppointmentState(Enum):
    """`HELD` awaits the person until `hold_expires_at`; `CONFIRMED` awaits the day; the others have ended."""

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    COMPLETED = "completed"


class AppointmentService(Record, frozen=True):
    """A service within an appointment."""

    id: ServiceId
    name: str
    quantity: int


class Appointment(Record, frozen=True):
    """A time at an office for one or several services. Times carry an offset."""

    personal: ClassVar[FieldSet] = frozenset({"notes"})

    id: str
    state: AppointmentState
    starts_at: datetime
    ends_at: datetime | None
    hold_expires_at: datetime | None
    services: tuple[AppointmentService, ...]
    office_id: OfficeId
    office_name: str
    office_address: Address | None
    notes: str | None


class SlotQuery(Record, frozen=True):
    """Free times for services together at one office, from and to inclusive (at most 31 days)."""

    office_id: OfficeId
    service_ids: tuple[ServiceId, ...]
    first_day: date
    last_day: date


class Slot(Record, frozen=True):
    """A free time. `starts_at` carries an offset."""

    office_id: OfficeId
    starts_at: datetime


class HoldSlot(Record, frozen=True):
    """An order to keep a slot for a person until it is confirmed or expires."""

    person: PersonId
    office_id: OfficeId
    service_ids: tuple[ServiceId, ...]
    starts_at: datetime
    name: str
    email: str | None
    phone: str | None
    reference: str | None = None


class AppointmentOrder(Record, frozen=True):
    """An order about an appointment that the person holds."""

    person: PersonId
    appointment_id: str
    reference: str | None = None


def _confirmed(order: AppointmentOrder, listed: tuple[Appointment, ...] | None) -> Seen | None:
    """A confirmed appointment is listed."""
    found = next((each for each in listed or () if each.id == order.appointment_id), None)
    return Seen(found) if found and found.state is AppointmentState.CONFIRMED else None


def _cancelled(order: AppointmentOrder, listed: tuple[Appointment, ...] | None) -> Seen | None:
    """What is no longer listed was given back; a hold, which never is, ends by itself."""
    found = next((each for each in listed or () if each.id == order.appointment_id), None)
    if found is None or found.state is AppointmentState.CANCELLED:
        return Seen(found)
    return None


def _person(order: AppointmentOrder) -> PersonId:
    return order.person


@port("appointments")
class Appointments(Protocol):
    """A person's appointments, and the slots that are free."""

    @read
    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet
    ) -> Mapping[PersonId, tuple[Appointment, ...]]:
        """Each person's appointments, soonest first; a person without any has an empty tuple.

        Of the personal fields, those in `fields`.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...

    @read
    async def free_slots(self, queries: Sequence[SlotQuery]) -> Mapping[SlotQuery, tuple[Slot, ...]]:
        """Free slots per query, in time order; none is an empty tuple.

        Raises: Rejected (unknown office or service, services that do not combine), and what `of_person` raises.
        """
        ...

    @write
    async def hold(self, order: HoldSlot) -> Appointment:
        """Keep a slot for a short time; the state is `HELD` and `hold_expires_at` is set.

        Raises: Rejected with the problem `SLOT_TAKEN` when somebody was faster, `TOO_MANY_APPOINTMENTS`;
        Ambiguous; and what `of_person` raises.
        """
        ...

    @write
    @seen_by(key=_person, find=_confirmed)
    async def confirm(self, order: AppointmentOrder) -> Appointment:
        """Turn a hold into an appointment.

        Raises: Rejected with the problem `HOLD_EXPIRED`; NotFound; Ambiguous; and what `of_person` raises.
        """
        ...

    @write
    @seen_by(key=_person, find=_cancelled)
    async def cancel(self, order: AppointmentOrder) -> Appointment:
        """Give an appointment or a hold back.

        Raises: Rejected with the problem `TOO_LATE`; NotFound; Ambiguous; and what `of_person` raises.
        """
        ...
