"""All departments for the peers: what they must show is what they are sent, as JSON of the real reply's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench import city, shown
from bench.departments.hotline import Hotline
from bench.departments.market_regulation import MarketRegulation
from bench.departments.server import Asked, Department, encoded
from bench.departments.service_centre import ServiceCentre

PADDING = "remarks"
Rows = Sequence[Mapping[str, Any]]


class Plain:
    """`GET /appointments`, `/registrations` and `/complaints` with `?person=`, `/updates` and `/kinds` with `?of=`.

    The three lists are `{"nodes": […]}`, the others arrays. Every reply takes as many bytes as that of the department
    that it stands for; what fills them is in a field that nobody selects.
    """

    who_header = b""
    echo_header = b""
    reply_headers = b""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """What is asked for, padded."""
        person = asked.query.get("person", "")
        match asked.path:
            case "/appointments":
                real = _asked("/my-appointments/", who=person)
                return self._listed(
                    ServiceCentre(self._rows), real, [_visit(v) for v in city.visits(person, self._rows)]
                )
            case "/registrations":
                real = _asked("/r1/applications", applicantId=person)
                return self._listed(
                    MarketRegulation(self._rows), real, [_file(f) for f in city.files(person, self._rows)]
                )
            case "/complaints":
                real = _asked("/requests.json", account_id=person)
                rows = [shown.report(each) for each in city.reports(person, self._rows)]
                return self._listed(Hotline(self._rows), real, rows)
            case "/updates":
                real = _asked("/servicerequestupdates.json", service_request_id=asked.query["of"])
                return padded([_step(number) for number in asked.query["of"].split(",")], _size(Hotline(0), real))
            case "/kinds":
                wanted = asked.query["of"].split(",")
                whole = _size(MarketRegulation(0), _asked("/r1/services"))
                rows = [_kind(each) for each in city.KINDS if each.code in wanted]
                return padded(rows, whole * len(rows) // len(city.KINDS))
        return None

    def _listed(self, department: Department, real: Asked, rows: Rows) -> object:
        room = len(encoded({"nodes": []})) - len(encoded([]))
        return {"nodes": padded(rows, _size(department, real) - room)}


def padded(rows: Rows, size: int) -> list[dict[str, Any]]:
    """The same rows, longer, so that their array takes so many bytes as JSON.

    Raises: ValueError when it takes more as it is.
    """
    filled = [{**row, PADDING: ""} for row in rows]
    missing = size - len(encoded(filled))
    if missing < 0:
        raise ValueError(f"{len(filled)} rows take {-missing} bytes more than the {size} that the department sends")
    for at, row in enumerate(filled):
        row[PADDING] = "x" * (missing // len(filled) + (at < missing % len(filled)))
    return filled


def _visit(visit: city.Visit) -> Mapping[str, Any]:
    return {**shown.visit(visit), "id": shown.global_id("Appointment", f"{visit.number}.{visit.key[:43]}")}


def _file(file: city.File) -> Mapping[str, Any]:
    return {**shown.file(file), "kindId": file.kind.code}


def _step(number: str) -> Mapping[str, Any]:
    return {"complaint": number, **shown.step(city.report(number))}


def _kind(kind: city.Kind) -> Mapping[str, Any]:
    return {**shown.kind(kind), "code": kind.code}


def _asked(path: str, *, who: str = "", **query: str) -> Asked:
    return Asked(path, query, who, b"")


def _size(department: Department, real: Asked) -> int:
    return len(encoded(department.answer(real)))
