"""Reads the fields of a public record; what cannot be read refuses the record."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.departments.hotline.real.tally import Refused
from sandbox.departments.hotline.records import STATUSES, Complaint, Step
from sandbox.records import GeoPoint, Text

Row = dict[str, str]
Source = tuple[str, Iterable[Row], Callable[[Row], Complaint]]
"""A file's name, its records, and what makes a complaint of one."""
EASTERN = ZoneInfo("America/New_York")
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,20})?", re.ASCII)


def required(row: Row, name: str) -> str:
    """A field that every record has. Raises: Refused."""
    value = plain(row.get(name, ""))
    if not value:
        raise Refused(f"{slug(name, '_')}_missing")
    return value


def plain(value: str) -> str:
    """Without the blanks around and the runs of them inside."""
    return " ".join(value.split())


def text(value: str) -> Text | None:
    """The same words for both languages; None when blank."""
    words = plain(value)
    return Text(words, words) if words else None


def eastern(value: str, layout: str) -> datetime | None:
    """A local time of Boston or New York, which is written without its zone; None when blank. Raises: Refused."""
    if not value.strip():
        return None
    try:
        local = datetime.strptime(value.strip(), layout)
    except ValueError as exc:
        raise Refused("date_unreadable") from exc
    zoned = local.replace(tzinfo=EASTERN)
    if zoned.astimezone(UTC).astimezone(EASTERN).replace(tzinfo=None) != local:
        raise Refused("date_skipped_by_summer_time")
    return zoned


def status(words: dict[str, str], value: str) -> str:
    """The Open311 status of a source's word. Raises: Refused."""
    found = words.get(value.strip())
    if found not in STATUSES:
        raise Refused("status_unknown")
    return found


def point(latitude: str, longitude: str) -> GeoPoint | None:
    """A place; None when both are blank. Raises: Refused."""
    if not latitude.strip() and not longitude.strip():
        return None
    if not (_NUMBER.fullmatch(latitude.strip()) and _NUMBER.fullmatch(longitude.strip())):
        raise Refused("location_unreadable")
    return GeoPoint(float(latitude), float(longitude))


def slug(value: str, joint: str = "-") -> str:
    """Lower-case letters and digits, all else a joint."""
    return re.sub(r"[^a-z0-9]+", joint, value.lower()).strip(joint)


def with_steps(complaint: Complaint) -> Complaint:
    """The complaint with the steps that its dates tell. Raises: Refused when it changed before it was opened."""
    if complaint.updated and complaint.updated < complaint.requested:
        raise Refused("updated_before_opened")
    complaint.steps.append(Step(f"{complaint.number}-0", "open", complaint.requested, None))
    if complaint.updated and complaint.status != "open":
        complaint.steps.append(Step(f"{complaint.number}-1", complaint.status, complaint.updated, complaint.note))
    return complaint


def as_row(record: Any) -> Row:
    """A JSON object's values as texts, null as blank. Raises: Refused for anything else."""
    if not isinstance(record, dict):
        raise Refused("not_an_object")
    return {name: "" if value is None else str(value) for name, value in record.items()}
