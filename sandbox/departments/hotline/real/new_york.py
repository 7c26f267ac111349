"""New York's 311 rows, as CSV and as JSON: twelve-hour local times, codes as numbers, addresses in parts."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sandbox.departments.hotline.real.fields import (
    Row,
    Source,
    as_row,
    eastern,
    plain,
    point,
    required,
    slug,
    status,
    text,
    with_steps,
)
from sandbox.departments.hotline.real.tally import Refused
from sandbox.departments.hotline.records import Complaint, ServiceType
from sandbox.real import document, rows
from sandbox.records import Text

_CSV, _JSON = "us_311/nyc311-100.csv", "us_311/NYC311-5.json"
_STATUS = {
    "Open": "open",
    "Assigned": "in_progress",
    "In Progress": "in_progress",
    "Started": "in_progress",
    "Pending": "investigating",
    "Closed": "closed",
}


def sources(data: Path) -> Iterator[Source]:
    """The files with their rows."""
    yield _CSV, rows(data / _CSV), to_complaint
    listed = document(data / _JSON)
    if isinstance(listed, list):
        yield _JSON, listed, lambda record: to_complaint(as_row(record))


def to_complaint(row: Row) -> Complaint:
    """A row as a complaint. Raises: Refused."""
    requested = _time(row, "Created Date")
    if requested is None:
        raise Refused("created_date_missing")
    now = status(_STATUS, row["Status"])
    kind, body = required(row, "Complaint Type"), text(row["Agency Name"])
    # GeoReport: of a closed request, `updated_datetime` is when it was closed.
    updated = _time(row, "Closed Date" if now == "closed" else "Resolution Action Updated Date")
    return with_steps(
        Complaint(
            service=ServiceType(f"nyc-{_code(kind)}", Text(kind, kind), group=text(row["Agency"]), body=body),
            status=now,
            requested=requested,
            number=required(row, "Unique Key"),
            description=text(row["Descriptor"]),
            note=text(row["Resolution Description"]),
            updated=updated,
            expected=_time(row, "Due Date"),
            bodies=(body,) if body else (),
            address=_address(row),
            zipcode=row["Incident Zip"].strip() or None,
            point=point(row["Latitude"], row["Longitude"]),
        )
    )


def _code(kind: str) -> str:
    """A slug that tells `PAINT - PLASTER` from `PAINT/PLASTER`."""
    return slug(kind.replace("/", " or "))


def _address(row: Row) -> Text | None:
    crossing = [plain(row[f"Intersection Street {at}"]) for at in (1, 2)]
    place = plain(row["Incident Address"]) or " & ".join(filter(None, crossing))
    return text(", ".join(filter(None, (place, plain(row["City"])))))


def _time(row: Row, name: str) -> datetime | None:
    return eastern(row[name], "%m/%d/%Y %I:%M:%S %p")
