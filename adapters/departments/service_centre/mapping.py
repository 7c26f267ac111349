"""From thinned processes and calendars to appointments and slots: pure functions, strict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.contract.errors import BadReply
from adapters.contract.operations import FieldSet
from adapters.contract.ports.appointments import Appointment, AppointmentService, AppointmentState, Slot
from adapters.contract.records import Address, OfficeId, ServiceId
from adapters.departments.service_centre.places import to_address
from adapters.products.zms.calendar_entry import event_end
from adapters.products.zms.wire import Calendar, Contact, Provider, Scope, ThinnedProcess

STATES: Mapping[str, AppointmentState] = {
    "reserved": AppointmentState.HELD,
    "preconfirmed": AppointmentState.HELD,
    "confirmed": AppointmentState.CONFIRMED,
    "conflict": AppointmentState.CONFIRMED,  # still booked; the office has since changed its hours
    "queued": AppointmentState.CONFIRMED,
    "called": AppointmentState.CONFIRMED,
    "processing": AppointmentState.CONFIRMED,
    "pending": AppointmentState.CONFIRMED,
    "parked": AppointmentState.CONFIRMED,
    "finished": AppointmentState.COMPLETED,
    "archived": AppointmentState.COMPLETED,
    "anonymized": AppointmentState.COMPLETED,
    "missed": AppointmentState.EXPIRED,
    "deleted": AppointmentState.CANCELLED,
    "blocked": AppointmentState.CANCELLED,  # cancelled, and its number is not given out again yet
}
"""The schema's statuses without `free`, which is nobody's appointment."""


def to_appointment(
    raw: ThinnedProcess,
    *,
    appointment_id: str,
    zone: ZoneInfo,
    hold_expires_at: datetime | None = None,
    fields: FieldSet = Appointment.personal,
) -> Appointment:
    """An appointment with the selected personal fields.

    Raises: BadReply where the process lacks its time, its office's name or a service's name.
    """
    state = STATES.get(raw.status)
    if state is None:
        raise BadReply("status is none that an appointment can have")
    provider = _provider(raw)
    ends_at = event_end(raw.icsContent) if raw.icsContent else None
    return Appointment(
        id=appointment_id,
        state=state,
        starts_at=_moment(raw.timestamp, zone),
        ends_at=ends_at.astimezone(zone) if ends_at else None,
        hold_expires_at=hold_expires_at.astimezone(zone) if hold_expires_at else None,
        services=_services(raw),
        office_id=OfficeId(str(raw.officeId)),
        office_name=raw.officeName or _provider_name(provider),
        office_address=_address(provider),
        notes=_notes(raw) if "notes" in fields else None,
    )


def _notes(raw: ThinnedProcess) -> str | None:
    return raw.scope.infoForAppointment or None if isinstance(raw.scope, Scope) else None


def reservation(raw: ThinnedProcess) -> timedelta | None:
    """How long the office keeps a reservation; None where it does not say."""
    minutes = raw.scope.reservationDuration if isinstance(raw.scope, Scope) else None
    return timedelta(minutes=minutes) if minutes else None


def to_slots(calendar: Calendar, office: OfficeId, *, zone: ZoneInfo) -> tuple[Slot, ...]:
    """An office's free times in time order."""
    moments = sorted(
        moment
        for day in calendar.availableDays
        for offered in day.offices or ()
        if offered.officeId == office
        for moment in offered.appointments or ()
    )
    return tuple(Slot(office_id=office, starts_at=_local(moment, zone)) for moment in moments)


def _moment(timestamp: str, zone: ZoneInfo) -> datetime:
    if not (timestamp.isascii() and timestamp.isdecimal()):
        raise BadReply("timestamp is not a number of seconds")
    return _local(int(timestamp), zone)


def _local(seconds: int, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, zone)
    except (OverflowError, ValueError, OSError) as exc:
        raise BadReply("a time lies outside of the years 1 to 9999") from exc


def _services(raw: ThinnedProcess) -> tuple[AppointmentService, ...]:
    first = raw.serviceId and raw.serviceCount
    found = (_service(raw.serviceId, raw.serviceName, raw.serviceCount),) if raw.serviceId and first else ()
    return found + tuple([_service(sub.id, sub.name, sub.count) for sub in raw.subRequestCounts])


def _service(number: int, name: str | None, quantity: int) -> AppointmentService:
    if not name:
        raise BadReply("a service of the appointment has no name")
    return AppointmentService(id=ServiceId(str(number)), name=name, quantity=quantity)


def _provider(raw: ThinnedProcess) -> Provider | None:
    provider = raw.scope.provider if isinstance(raw.scope, Scope) else None
    return provider if isinstance(provider, Provider) else None


def _provider_name(provider: Provider | None) -> str:
    name = provider and (provider.displayName or provider.name)
    if not name:
        raise BadReply("the appointment has neither officeName nor scope.provider.name")
    return name


def _address(provider: Provider | None) -> Address | None:
    contact = provider.contact if provider else None
    if not isinstance(contact, Contact):
        return None
    return to_address(contact.street, contact.streetNumber, postal_code=contact.postalCode, city=contact.city)
