"""Seeds the hotline from public records: 311 rows of Boston and New York, and Open311 example answers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.city import BUSY_ENTRIES, City
from sandbox.departments.hotline.catalogue import SERVICE_TYPES
from sandbox.departments.hotline.real import boston, georeport, new_york
from sandbox.departments.hotline.real.tally import Refused, Tally
from sandbox.departments.hotline.records import Complaint, ServiceType
from sandbox.departments.hotline.register import Seeded
from sandbox.real import rows

COUNTS = "us_311/nyc311-describegpt-prompt.csv"
"""Yearly counts per borough and complaint type."""


def from_data(city: City, data: Path) -> Seeded:
    """The register of real records; those without an owner go to the personas, the first 50 to the busy one.

    The city's own service types stay, so that one can file. Raises: DataError.
    """
    tally = Tally()
    services = {each.code: each for each in (*SERVICE_TYPES, *_services(data, tally))}
    complaints = _attributed(_complaints(data, tally), city)
    services |= {each.service.code: each.service for each in complaints if each.service.code not in services}
    return Seeded(tuple(services.values()), lambda: _fresh(complaints), tally.report())


def _complaints(data: Path, tally: Tally) -> list[Complaint]:
    kept: dict[str, Complaint] = {}
    sources = (*boston.sources(data), *new_york.sources(data), *georeport.sources(data))
    for source, records, to_complaint in sources:
        for record in records:
            with tally.of(source):
                complaint = to_complaint(record)
                number = complaint.number or ""
                if number in kept:
                    raise Refused("duplicate_id")
                kept[number] = complaint
    for _ in rows(data / COUNTS):
        with tally.of(COUNTS):
            raise Refused("count_not_a_complaint")
    return list(kept.values())


def _services(data: Path, tally: Tally) -> Iterable[ServiceType]:
    for source, records in georeport.service_sources(data):
        for record in records:
            with tally.of(source):
                yield georeport.to_service(record)


def _attributed(complaints: Sequence[Complaint], city: City) -> list[Complaint]:
    others = sorted(each.id for each in city.personas.values() if each.id != city.busy_person)
    for at, complaint in enumerate(complaints):
        complaint.account = city.busy_person if at < BUSY_ENTRIES else others[at % len(others)]
    return list(complaints)


def _fresh(complaints: Sequence[Complaint]) -> list[Complaint]:
    return [replace(each, steps=list(each.steps)) for each in complaints]
