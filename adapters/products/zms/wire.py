"""The citizen API's replies as it writes them (schemas `zmsentities/schema/citizenapi`), decoded strictly.

PHP writes an empty object as `[]`, and the API writes some numbers as strings and some as numbers: both are taken.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Nothing = Annotated[list[None], msgspec.Meta(max_length=0)]
"""What PHP makes of an object without members."""


class Contact(msgspec.Struct):
    """`thinnedContact.json`: where a provider is."""

    name: str | None = None
    street: str | None = None
    streetNumber: str | None = None
    postalCode: str | None = None
    city: str | None = None


class Provider(msgspec.Struct):
    """`thinnedProvider.json`: the office behind a scope."""

    id: int | str
    name: str | None = None
    displayName: str | None = None
    contact: Contact | Nothing | None = None


class Scope(msgspec.Struct):
    """`thinnedScope.json`: how an office takes bookings; `reservationDuration` is in minutes."""

    id: int | str
    provider: Provider | Nothing | None = None
    infoForAppointment: str | None = None
    reservationDuration: int | None = None


class SubRequest(msgspec.Struct):
    """A further service of a process; the running code writes objects where the schema says integers."""

    id: int
    count: int
    name: str | None = None


class ThinnedProcess(msgspec.Struct):
    """`thinnedProcess.json`: an appointment; `processId` with `authKey` is the bearer secret.

    `timestamp` is unix seconds as a string. `status` is one of the sixteen of the schema.
    """

    processId: int
    authKey: str
    timestamp: str
    officeId: int
    status: str
    officeName: str | None = None
    scope: Scope | Nothing | None = None
    serviceId: int | None = None
    serviceName: str | None = None
    serviceCount: int = 0
    subRequestCounts: tuple[SubRequest, ...] = ()
    icsContent: str | None = None


class OfficeAddress(msgspec.Struct):
    """The address in `office.json`."""

    street: str | None = None
    house_number: str | None = None
    postal_code: str | None = None
    city: str | None = None


class Geo(msgspec.Struct):
    """Degrees, as numbers or as strings."""

    lat: float | str
    lon: float | str


class Office(msgspec.Struct):
    """`office.json`; `slotTimeInMinutes` is the length of one slot of its calendar."""

    id: int
    name: str | None = None
    address: OfficeAddress | Nothing | None = None
    geo: Geo | Nothing | None = None
    scope: Scope | Nothing | None = None
    slotTimeInMinutes: int | None = None


class Service(msgspec.Struct):
    """`service.json`."""

    id: int
    name: str
    maxQuantity: int | None = None


class Relation(msgspec.Struct):
    """`officeServiceRelation.json`: a service that an office offers, and how many of its slots one request takes."""

    officeId: int
    serviceId: int
    slots: int


class OfficesAndServices(msgspec.Struct):
    """The reply of `GET /offices-and-services/`."""

    offices: tuple[Office, ...]
    services: tuple[Service, ...]
    relations: tuple[Relation, ...]


class OfficeSlots(msgspec.Struct):
    """An office's free times on one day, in unix seconds."""

    officeId: str
    appointments: tuple[int, ...] | None = None


class Day(msgspec.Struct):
    """A bookable day."""

    date: str
    offices: tuple[OfficeSlots, ...] | None = None


class Calendar(msgspec.Struct):
    """`availableCalendar.json`, the reply of `GET /available-calendar/`."""

    startDate: str
    endDate: str
    availableDays: tuple[Day, ...]
