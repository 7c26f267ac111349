"""Berlin's published locations and services (`de_zms/dldb`), taken in by the rules of ZMS' own import.

Those are `writeImportList` of `Provider` and `RequestRelation` in zmsbackend: no location without a postal code,
relations from the location's side only, and of those only what can be booked; then, in zmscitizenapi, no service that
no office offers.
"""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

from sandbox.departments.service_centre.offer import Offer, Office, Place, Service
from sandbox.departments.service_centre.tally import Tally
from sandbox.real import DataError, document
from sandbox.records import GeoPoint, Opening, Text

FOLDER = Path("de_zms") / "dldb"
LOCATIONS, SERVICES = "locations_de.json", "services_de.json"
WITHOUT_A_PORT = {
    "authority_de.json": "authority_has_no_record_in_the_api",
    "topic_de.json": "topic_has_no_record_in_the_api",
}
WEEKDAYS = tuple(Opening(day, *hours) for day in range(5) for hours in ((time(9), time(12)), (time(13, 30), time(17))))
Row = Mapping[str, Any]


def berlin_offer(data: Path, tally: Tally) -> Offer:
    """The offer; empty without the files. Raises: DataError."""
    for name, reason in WITHOUT_A_PORT.items():
        tally.refuse(name, reason, len(_rows(data, name)))
    locations, requests = _rows(data, LOCATIONS), _rows(data, SERVICES)
    offices = {int(row["id"]): _office(row) for row in locations if _has_address(row, tally)}
    known = {int(row["id"]) for row in requests}
    relations = {key: slots for row in locations for key, slots in _relations(row, offices, known, tally).items()}
    services = {int(row["id"]): _service(row) for row in requests if _is_offered(row, relations, tally)}
    for row in requests:
        for relation in row["locations"]:
            known_office = int(relation["location"]) in offices
            reason = "relation_is_taken_from_the_location" if known_office else "relation_to_refused_location"
            tally.refuse(f"{SERVICES} locations", reason)
    return Offer(offices, services, relations)


def _rows(data: Path, name: str) -> list[Row]:
    content = document(data / FOLDER / name)
    if content is None:
        return []
    rows = content.get("data") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise DataError(f"{data / FOLDER / name}: no list `data`")
    return rows


def _has_address(row: Row, tally: Tally) -> bool:
    if row["address"]["postal_code"]:
        tally.serve(LOCATIONS)
        return True
    tally.refuse(LOCATIONS, "location_without_postal_code")
    return False


def _office(row: Row) -> Office:
    address, name = row["address"], row["name"]
    return Office(
        id=int(row["id"]),
        name=Text(name, name),
        openings=WEEKDAYS,
        place=Place(
            Text(address["street"], address["street"]),
            Text(address["house_number"], address["house_number"]),
            address["postal_code"],
            Text(address["city"], address["city"]),
        ),
        point=GeoPoint(row["geo"]["lat"], row["geo"]["lon"]),
        states_slot=False,
    )


def _relations(row: Row, offices: Mapping[int, Office], services: set[int], tally: Tally) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    source, office = f"{LOCATIONS} services", int(row["id"])
    for relation in row["services"]:
        key = (office, int(relation["service"]))
        if office not in offices:
            tally.refuse(source, "relation_to_refused_location")
        elif key[1] not in services:
            tally.refuse(source, "relation_to_unknown_service")
        elif not relation["appointment"]["allowed"]:
            tally.refuse(source, "relation_cannot_be_booked")
        elif key in found:
            tally.refuse(source, "relation_is_repeated")
        else:
            found[key] = int(relation["appointment"]["slots"])
            tally.serve(source)
    return found


def _is_offered(row: Row, relations: Mapping[tuple[int, int], int], tally: Tally) -> bool:
    if any(service == int(row["id"]) for _, service in relations):
        tally.serve(SERVICES)
        return True
    tally.refuse(SERVICES, "service_is_offered_nowhere")
    return False


def _service(row: Row) -> Service:
    return Service(int(row["id"]), Text(row["name"], row["name"]))
