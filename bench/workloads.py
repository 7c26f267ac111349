"""The workloads: what is asked, what must come back, and how many calls to departments that takes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench import city

_VISITS = "appointments(first: 3) { nodes { id state startsAt officeName services { name } } }"
_FILES = "registrations(first: 3) { nodes { id kindName state message } }"
_REPORTS = "complaints(first: 3) { nodes { id trackingNumber categoryName state awaiting updatedAt } }"
_PERIODS = "taxAccount { obligations { period dueOn state } }"
_CIVILIAN = "civilRecord { name { full } birth { date { value precision } } residence { address { lines } } }"
_JOIN = "complaints(first: 100) { nodes { id categoryName state updates { at state text } } }"


@dataclass(frozen=True, slots=True)
class Workload:
    """One operation of a logged-in person.

    `rows` is how long the departments' lists are, `calls` how many calls to departments an uncached answer needs,
    `expected` the `data` that a person must be shown.
    """

    name: str
    summary: str
    query: str
    rows: int
    calls: int
    expected: Callable[[str], Mapping[str, Any]]


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


def _visits(person: str) -> Mapping[str, Any]:
    return {"appointments": {"nodes": [_visit(each) for each in city.visits(person, 3)]}}


def _visit(visit: city.Visit) -> Mapping[str, Any]:
    return {
        "id": Sealed("Appointment", f"{visit.number}."),
        "state": "CONFIRMED",
        "startsAt": _moment(visit.starts_at),
        "officeName": visit.office,
        "services": [{"name": visit.service}],
    }


def _files(person: str) -> Mapping[str, Any]:
    return {"registrations": {"nodes": [_file(each) for each in city.files(person, 3)]}}


def _file(file: city.File) -> Mapping[str, Any]:
    number = global_id("Registration", file.number)
    return {"id": number, "kindName": file.kind, "state": "PENDING", "message": file.message}


def _reports(person: str) -> Mapping[str, Any]:
    return {"complaints": {"nodes": [_report(each) for each in city.reports(person, 3)]}}


def _report(report: city.Report) -> Mapping[str, Any]:
    return {
        "id": global_id("Complaint", report.number),
        "trackingNumber": report.number,
        "categoryName": report.category,
        "state": "IN_PROGRESS",
        "awaiting": report.awaiting,
        "updatedAt": _moment(report.updated_at),
    }


def _periods(person: str) -> Mapping[str, Any]:
    return {"taxAccount": {"obligations": [_period(each) for each in city.periods(person, 3)]}}


def _period(period: city.Period) -> Mapping[str, Any]:
    return {"period": period.key, "dueOn": period.due, "state": "OPEN"}


def _civilian(person: str) -> Mapping[str, Any]:
    known = city.civilian(person)
    return {
        "civilRecord": {
            "name": {"full": known.name},
            "birth": {"date": {"value": known.born_on, "precision": "DAY"}},
            "residence": {"address": {"lines": list(known.address)}},
        }
    }


def _joined(person: str) -> Mapping[str, Any]:
    return {"complaints": {"nodes": [_with_steps(each) for each in city.reports(person, 100)]}}


def _with_steps(report: city.Report) -> Mapping[str, Any]:
    return {
        "id": global_id("Complaint", report.number),
        "categoryName": report.category,
        "state": "IN_PROGRESS",
        "updates": [{"at": _moment(report.updated_at), "state": "IN_PROGRESS", "text": report.last_step}],
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat()


def _viewer(name: str, *selections: str) -> str:
    return f"query {name} {{ viewer {{ {' '.join(selections)} }} }}"


def _viewer_with(*parts: Callable[[str], Mapping[str, Any]]) -> Callable[[str], Mapping[str, Any]]:
    return lambda person: {"viewer": {name: shown for part in parts for name, shown in part(person).items()}}


WORKLOADS: Mapping[str, Workload] = {
    each.name: each
    for each in (
        Workload(
            name="phone-screen",
            summary="one person, three entries each of three departments: 3 calls",
            query=_viewer("PhoneScreen", _VISITS, _FILES, _REPORTS),
            rows=3,
            calls=3,
            expected=_viewer_with(_visits, _files, _reports),
        ),
        Workload(
            name="home-screen",
            summary="the phone screen with tax account and civil record, all five departments: 5 calls",
            query=_viewer("HomeScreen", _VISITS, _FILES, _REPORTS, _PERIODS, _CIVILIAN),
            rows=3,
            calls=5,
            expected=_viewer_with(_visits, _files, _reports, _periods, _civilian),
        ),
        Workload(
            name="list-with-join",
            summary="100 complaints, each with its latest step; the steps of all in one call: 2 calls",
            query=_viewer("ListWithJoin", _JOIN),
            rows=100,
            calls=2,
            expected=_viewer_with(_joined),
        ),
    )
}
