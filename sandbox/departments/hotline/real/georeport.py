"""Open311 example answers: requests and services in JSON and XML, from four cities."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from sandbox.departments.hotline.real.fields import Row, Source, as_row, point, required, text, with_steps
from sandbox.departments.hotline.real.tally import Refused
from sandbox.departments.hotline.records import STATUSES, Complaint, Kind, ServiceType
from sandbox.real import DataError, document
from sandbox.records import Text

_REQUESTS = ("requests_single.xml", "requests_many.xml", "service_requests.json")
_SERVICES = ("service_list.json", "services_giessen.xml")


def sources(data: Path) -> Iterator[Source]:
    """The files of requests."""
    return ((f"open311/fixtures/{name}", _records(data, name), to_complaint) for name in _REQUESTS)


def service_sources(data: Path) -> Iterator[tuple[str, Iterable[Row]]]:
    """The files of services."""
    return ((f"open311/fixtures/{name}", _records(data, name)) for name in _SERVICES)


def to_complaint(record: Row) -> Complaint:
    """A request as a complaint. Raises: Refused."""
    row = as_row(record)
    requested = _time(row, "requested_datetime")
    if requested is None:
        raise Refused("requested_datetime_missing")
    if row.get("status") not in STATUSES:
        raise Refused("status_unknown")
    code, body = required(row, "service_code"), text(row.get("agency_responsible", ""))
    return with_steps(
        Complaint(
            service=ServiceType(code, text(row.get("service_name", "")) or Text(code, code), body=body),
            status=row["status"],
            requested=requested,
            number=required(row, "service_request_id"),
            description=text(row.get("description", "")),
            note=text(row.get("status_notes", "")),
            updated=_time(row, "updated_datetime"),
            expected=_time(row, "expected_datetime"),
            bodies=(body,) if body else (),
            address=text(row.get("address", "")),
            zipcode=row.get("zipcode") or None,
            point=point(row.get("lat", ""), row.get("long", "")),
            media_url=row.get("media_url") or None,
        )
    )


def to_service(record: Row) -> ServiceType:
    """A service. Raises: Refused."""
    row = as_row(record)
    if row.get("type") not in set(Kind):
        raise Refused("type_unknown")
    name = required(row, "service_name")
    return ServiceType(
        required(row, "service_code"),
        Text(name, name),
        text(row.get("description", "")),
        text(row.get("group", "")),
        Kind(row["type"]),
        row.get("keywords", ""),
    )


def _records(data: Path, name: str) -> Iterable[Any]:
    path = data / "open311" / "fixtures" / name
    if name.endswith(".json"):
        listed = document(path)
        return listed if isinstance(listed, list) else ()
    return _from_xml(path) if path.exists() else ()


def _from_xml(path: Path) -> Iterable[Row]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError as exc:
        raise DataError(f"{path}: not XML: {exc}") from exc
    return [{str(field.tag): field.text or "" for field in record} for record in root]


def _time(row: Row, name: str) -> datetime | None:
    value = row.get(name, "").strip()
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError as exc:
        raise Refused("date_unreadable") from exc
    if at.tzinfo is None:
        raise Refused("date_without_zone")
    return at
