"""From the list of offices, services and their relations to public records: pure functions, strict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from adapters.contract.errors import BadReply
from adapters.contract.ports.services import Office, PublicService
from adapters.contract.records import Address, GeoPoint, OfficeId, ServiceId
from adapters.departments.service_centre.places import to_address, to_point
from adapters.products.zms.wire import Geo, OfficeAddress, OfficesAndServices, Relation
from adapters.products.zms.wire import Office as RawOffice
from adapters.products.zms.wire import Service as RawService


def to_offices(raw: OfficesAndServices) -> tuple[Office, ...]:
    """Offices in the department's order. Raises: BadReply where one has no name or an impossible place."""
    _require_both_ends(raw)
    offered: dict[int, list[ServiceId]] = defaultdict(list)
    for relation in raw.relations:
        offered[relation.officeId].append(ServiceId(str(relation.serviceId)))
    return tuple(_office(each, offered[each.id]) for each in raw.offices)


def to_services(raw: OfficesAndServices) -> tuple[PublicService, ...]:
    """Services in the department's order; the API knows neither descriptions nor documents."""
    _require_both_ends(raw)
    slot_minutes = {office.id: office.slotTimeInMinutes for office in raw.offices}
    relations: dict[int, list[Relation]] = defaultdict(list)
    for relation in raw.relations:
        relations[relation.serviceId].append(relation)
    return tuple(_service(each, relations[each.id], slot_minutes) for each in raw.services)


def _require_both_ends(raw: OfficesAndServices) -> None:
    offices, services = {each.id for each in raw.offices}, {each.id for each in raw.services}
    for at, relation in enumerate(raw.relations):
        if relation.officeId not in offices or relation.serviceId not in services:
            raise BadReply(f"$.relations[{at}] names an office or a service that is not in the list")


def _office(raw: RawOffice, services: Iterable[ServiceId]) -> Office:
    if not raw.name:
        raise BadReply("an office has no name")
    return Office(
        id=OfficeId(str(raw.id)),
        name=raw.name,
        address=_address(raw),
        location=_location(raw),
        phone=None,
        opening_hours=(),
        service_ids=tuple(dict.fromkeys(services)),
    )


def _service(raw: RawService, relations: Iterable[Relation], slot_minutes: Mapping[int, int | None]) -> PublicService:
    lengths = [relation.slots * (slot_minutes[relation.officeId] or 0) for relation in relations]
    return PublicService(
        id=ServiceId(str(raw.id)),
        name=raw.name,
        description=None,
        documents=(),
        minutes=max(lengths, default=0) or None,
        max_quantity=raw.maxQuantity or 1,
        office_ids=tuple(dict.fromkeys(OfficeId(str(relation.officeId)) for relation in relations)),
    )


def _address(raw: RawOffice) -> Address | None:
    address = raw.address
    if not isinstance(address, OfficeAddress):
        return None
    return to_address(address.street, address.house_number, postal_code=address.postal_code, city=address.city)


def _location(raw: RawOffice) -> GeoPoint | None:
    return to_point(raw.geo.lat, raw.geo.lon) if isinstance(raw.geo, Geo) else None
