"""The service centre's ports over its ZMS citizen API."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

import msgspec

from adapters.contract.errors import AdapterError, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.appointments import (
    Appointment,
    AppointmentOrder,
    AppointmentState,
    HoldSlot,
    Slot,
    SlotQuery,
)
from adapters.contract.ports.services import Catalogue, Office, PublicService
from adapters.contract.records import PersonId
from adapters.contract.transport import Transport, current_call, together
from adapters.departments.service_centre.listings import to_offices, to_services
from adapters.departments.service_centre.mapping import reservation, to_appointment, to_slots
from adapters.products.zms.client import Contact, Zms
from adapters.products.zms.handles import Handle, Seal
from adapters.products.zms.wire import ThinnedProcess

_STARTS = attrgetter("starts_at")
_PUNCTUATION = re.compile(r"[\s()./-]")


class Desk:
    """Appointments. An appointment's id holds what the API wants to see before it changes one: see `Seal`."""

    def __init__(self, zms: Zms, seal: Seal, zone: ZoneInfo) -> None:
        self._zms, self._seal, self._zone = zms, seal, zone

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = Appointment.personal
    ) -> Mapping[PersonId, tuple[Appointment, ...]]:
        """One call per person; only what is confirmed is listed."""
        lists = await together([self._zms.appointments_of(person) for person in persons])
        return {
            person: tuple(sorted([self._record(raw, person, fields=fields) for raw in raws], key=_STARTS))
            for person, raws in zip(persons, lists, strict=True)
        }

    async def free_slots(self, queries: Sequence[SlotQuery]) -> Mapping[SlotQuery, tuple[Slot, ...]]:
        """One call for all offices with the same services and days."""
        groups: dict[tuple[tuple[str, ...], date, date], list[SlotQuery]] = defaultdict(list)
        for query in queries:
            groups[query.service_ids, query.first_day, query.last_day].append(query)
        found = await together([self._free(group) for group in groups.values()])
        return {query: slots for each in found for query, slots in each.items()}

    async def _free(self, group: Sequence[SlotQuery]) -> dict[SlotQuery, tuple[Slot, ...]]:
        one = group[0]
        offices = list(dict.fromkeys(query.office_id for query in group))
        calendar = await self._zms.calendar(offices, Counter(one.service_ids), first=one.first_day, last=one.last_day)
        return {query: to_slots(calendar, query.office_id, zone=self._zone) for query in group}

    async def hold(self, order: HoldSlot) -> Appointment:
        """Reserve, then say who comes; a time whose contact data are refused is given back at once."""
        services = Counter(order.service_ids)
        raw = await self._zms.reserve(order.office_id, services, at=int(order.starts_at.timestamp()))
        handle = Handle(raw.processId, raw.authKey)
        phone = _PUNCTUATION.sub("", order.phone or "")
        contact = Contact(family_name=order.name, email=order.email or "", telephone=phone)
        try:
            raw = await self._zms.update(handle, contact, citizen=order.person)
        except Rejected:
            with suppress(AdapterError):
                await self._zms.cancel(handle, citizen=order.person)
            raise
        held_for = reservation(raw)
        expires = None if held_for is None else current_call().at + held_for
        return self._record(raw, order.person, expires)

    async def confirm(self, order: AppointmentOrder) -> Appointment:
        """Preconfirm and confirm; what an earlier attempt has preconfirmed already is only confirmed."""
        handle = self._seal.open(order.appointment_id, order.person)
        try:
            await self._zms.preconfirm(handle, citizen=order.person)
        except Rejected as exc:
            if exc.wire_code != "processNotReservedAnymore":
                raise
        return self._record(await self._zms.confirm(handle, citizen=order.person), order.person)

    async def cancel(self, order: AppointmentOrder) -> Appointment:
        """Give back; the API may still answer with the state before."""
        handle = self._seal.open(order.appointment_id, order.person)
        given_back = self._record(await self._zms.cancel(handle, citizen=order.person), order.person)
        return msgspec.structs.replace(given_back, state=AppointmentState.CANCELLED)

    def _record(
        self,
        raw: ThinnedProcess,
        person: str,
        expires: datetime | None = None,
        *,
        fields: FieldSet = Appointment.personal,
    ) -> Appointment:
        sealed = self._seal.close(Handle(raw.processId, raw.authKey), person)
        return to_appointment(raw, appointment_id=sealed, zone=self._zone, hold_expires_at=expires, fields=fields)


class OfficeList:
    """Offices, from the one list that the API has."""

    def __init__(self, zms: Zms) -> None:
        self._zms = zms

    async def listed(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[Office, ...]]:
        """All offices, each with the services it offers."""
        return dict.fromkeys(catalogues, to_offices(await self._zms.offices_and_services()))


class ServiceList:
    """Services, from the same list."""

    def __init__(self, zms: Zms) -> None:
        self._zms = zms

    async def listed(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[PublicService, ...]]:
        """All services, each with the offices that offer it."""
        return dict.fromkeys(catalogues, to_services(await self._zms.offices_and_services()))


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The department's ports by name.

    Raises: ValueError for an empty `id_secret`, zoneinfo.ZoneInfoNotFoundError for an unknown `time_zone`.
    """
    zms = Zms(transport)
    desk = Desk(zms, Seal(options["id_secret"]), ZoneInfo(options["time_zone"]))
    return {"appointments": desk, "offices": OfficeList(zms), "services": ServiceList(zms)}
