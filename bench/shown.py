"""What a person must be shown of what the city knows: the reference that every answer is held against."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bench import city


class Sealed:
    """Equal to any global id of an object whose local id begins like this; the rest is the gateway's secret."""

    def __init__(self, kind: str, start: str) -> None:
        self._start = f"{kind}:{start}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        try:
            local = base64.b64decode(other + "=" * (-len(other) % 4), b"-_", validate=True).decode()
        except (binascii.Error, ValueError):
            return False
        return local.startswith(self._start) and len(local) > len(self._start)

    def __hash__(self) -> int:
        return hash(self._start)

    def __repr__(self) -> str:
        return f"<id of {self._start}...>"


def global_id(kind: str, local: str) -> str:
    """The opaque id that the gateway gives an object."""
    return base64.urlsafe_b64encode(f"{kind}:{local}".encode()).decode().rstrip("=")


def visits(person: str) -> Mapping[str, Any]:
    """Three appointments of a person."""
    return {"appointments": {"nodes": [visit(each) for each in city.visits(person, 3)]}}


def visit(visit: city.Visit) -> Mapping[str, Any]:
    """An appointment."""
    return {
        "id": Sealed("Appointment", f"{visit.number}."),
        "state": "CONFIRMED",
        "startsAt": _moment(visit.starts_at),
        "officeName": visit.office,
        "services": [{"name": visit.service}],
    }


def files(person: str) -> Mapping[str, Any]:
    """Three files of a person."""
    return {"registrations": {"nodes": [file(each) for each in city.files(person, 3)]}}


def file(file: city.File) -> Mapping[str, Any]:
    """A file at the registration hall."""
    number = global_id("Registration", file.number)
    return {"id": number, "kindName": file.kind.name, "state": "PENDING", "message": file.message}


def reports(person: str) -> Mapping[str, Any]:
    """Three complaints of a person."""
    return {"complaints": {"nodes": [report(each) for each in city.reports(person, 3)]}}


def report(report: city.Report) -> Mapping[str, Any]:
    """A complaint."""
    return {
        "id": global_id("Complaint", report.number),
        "trackingNumber": report.number,
        "categoryName": report.category,
        "state": "IN_PROGRESS",
        "awaiting": report.awaiting,
        "updatedAt": _moment(report.updated_at),
    }


def periods(person: str) -> Mapping[str, Any]:
    """Three open periods of a person."""
    return {"taxAccount": {"obligations": [period(each) for each in city.periods(person, 3)]}}


def period(period: city.Period) -> Mapping[str, Any]:
    """A period of the tax account."""
    return {"period": period.key, "dueOn": period.due, "state": "OPEN"}


def civilian(person: str) -> Mapping[str, Any]:
    """A person's civil record."""
    known = city.civilian(person)
    return {
        "civilRecord": {
            "name": {"full": known.name},
            "birth": {"date": {"value": known.born_on, "precision": "DAY"}},
            "residence": {"address": {"lines": list(known.address)}},
        }
    }


def joined(person: str) -> Mapping[str, Any]:
    """A hundred complaints with the steps of each."""
    return {"complaints": {"nodes": [with_steps(each) for each in city.reports(person, 100)]}}


def with_steps(report: city.Report) -> Mapping[str, Any]:
    """A complaint with its steps."""
    return {
        "id": global_id("Complaint", report.number),
        "categoryName": report.category,
        "state": "IN_PROGRESS",
        "updates": [step(report)],
    }


def step(report: city.Report) -> Mapping[str, Any]:
    """The only step of a complaint."""
    return {"at": _moment(report.updated_at), "state": "IN_PROGRESS", "text": report.last_step}


def shared_joined(person: str) -> Mapping[str, Any]:
    """A hundred files with the kind of each, which is one of ten."""
    return {"registrations": {"nodes": [{**file(each), "kind": kind(each.kind)} for each in city.files(person, 100)]}}


def kind(kind: city.Kind) -> Mapping[str, Any]:
    """A kind of files."""
    return {"id": global_id("RegistrationKind", kind.code), "name": kind.name, "description": kind.description}


def _moment(moment: datetime) -> str:
    return moment.isoformat()
