"""Public services and the offices that offer them (CPSV-AP: public service, channel, competent authority)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from adapters.contract.operations import port, read
from adapters.contract.records import Address, GeoPoint, OfficeId, Record, ServiceId


class Catalogue(Record, frozen=True):
    """The key of a public list: everything that the department offers. There is one per department."""


class PublicService(Record, frozen=True):
    """Something that a person can get from the city.

    `minutes` is the length of a visit for one request; `office_ids` are the offices that offer it; `max_quantity`
    bounds how many requests fit into one appointment.
    """

    id: ServiceId
    name: str
    description: str | None
    documents: tuple[str, ...]
    minutes: int | None
    max_quantity: int
    office_ids: tuple[OfficeId, ...]


class Office(Record, frozen=True):
    """A place with counters. `opening_hours` are lines as a person reads them."""

    id: OfficeId
    name: str
    address: Address | None
    location: GeoPoint | None
    phone: str | None
    opening_hours: tuple[str, ...]
    service_ids: tuple[ServiceId, ...]


@port("services")
class Services(Protocol):
    """What the city offers."""

    @read
    async def listed(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[PublicService, ...]]:
        """All public services.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...


@port("offices")
class Offices(Protocol):
    """Where the city offers it."""

    @read
    async def listed(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[Office, ...]]:
        """All offices.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...
