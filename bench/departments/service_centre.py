"""The service centre: a person's appointments over the ZMS citizen API."""

from __future__ import annotations

from bench import city
from bench.departments.server import Asked


class ServiceCentre:
    """`GET /my-appointments/` of the person in `X-Citizen-Id`."""

    who_header = b"x-citizen-id"
    echo_header = b""
    reply_headers = b""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """Thinned processes."""
        if asked.path != "/my-appointments/":
            return None
        return [_process(each) for each in city.visits(asked.who, self._rows)]


def _process(visit: city.Visit) -> dict[str, object]:
    office = 100 + len(visit.office)
    return {
        "processId": visit.number,
        "authKey": visit.key,
        "timestamp": str(int(visit.starts_at.timestamp())),
        "officeId": office,
        "officeName": visit.office,
        "scope": {"id": 2, "provider": {"id": office, "name": visit.office, "contact": []}},
        "serviceId": 10_000 + len(visit.service),
        "serviceName": visit.service,
        "serviceCount": 1,
        "subRequestCounts": [],
        "status": "confirmed",
        "icsContent": None,
    }
