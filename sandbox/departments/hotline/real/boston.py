"""Boston's 311 rows: local times without zone, one blank for nothing, closure reasons that repeat their date."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sandbox.departments.hotline.real.fields import (
    Row,
    Source,
    eastern,
    point,
    required,
    slug,
    status,
    text,
    with_steps,
)
from sandbox.departments.hotline.real.tally import Refused
from sandbox.departments.hotline.records import Complaint, ServiceType
from sandbox.real import rows
from sandbox.records import Text

# The first is served; the others repeat its cases, one with made-up personal data in the closure reasons.
_FILES = ("boston311-100.csv", "boston311-100-deduped.csv", "boston311-100-with-fake-pii.csv")
_STATUS = {"Open": "open", "Closed": "closed"}


def sources(data: Path) -> Iterator[Source]:
    """The files with their rows."""
    return ((f"us_311/{name}", rows(data / "us_311" / name), to_complaint) for name in _FILES)


def to_complaint(row: Row) -> Complaint:
    """A row as a complaint. Raises: Refused."""
    requested = _time(row, "open_dt")
    if requested is None:
        raise Refused("open_dt_missing")
    kind, body = required(row, "type"), text(row["department"])
    return with_steps(
        Complaint(
            service=ServiceType(f"boston-{slug(kind)}", Text(kind, kind), group=text(row["reason"]), body=body),
            status=status(_STATUS, row["case_status"]),
            requested=requested,
            number=required(row, "case_enquiry_id"),
            description=text(row["case_title"]),
            note=text(row["closure_reason"]),
            updated=_time(row, "closed_dt"),
            expected=_time(row, "target_dt"),
            bodies=(body,) if body else (),
            address=text(row["location"]),
            zipcode=row["location_zipcode"].strip() or None,
            point=point(row["latitude"], row["longitude"]),
            media_url=row["submittedphoto"].strip() or None,
        )
    )


def _time(row: Row, name: str) -> datetime | None:
    return eastern(row[name], "%Y-%m-%d %H:%M:%S")
