"""The hotline: a person's complaints and their updates over Open311 GeoReport v2."""

from __future__ import annotations

from bench import city
from bench.departments.server import Asked


class Hotline:
    """`GET /requests.json?account_id=` and `GET /servicerequestupdates.json?service_request_id=a,b`."""

    who_header = b""
    echo_header = b""
    reply_headers = b""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """Entries as GeoReport writes them."""
        if asked.path == "/requests.json":
            owner = asked.query["account_id"]
            return [_request(each, owner) for each in city.reports(owner, self._rows)]
        if asked.path == "/servicerequestupdates.json":
            return [_update(city.report(number)) for number in asked.query["service_request_id"].split(",")]
        return None


def _request(report: city.Report, owner: str) -> dict[str, object]:
    return {
        "service_request_id": report.number,
        "account_id": owner,
        "status": "in_progress",
        "service_code": report.category.lower().replace(" ", "_"),
        "service_name": report.category,
        "description": f"{report.category} at the corner.",
        "agency_responsible": report.awaiting,
        "requested_datetime": report.filed_at.isoformat(),
        "updated_datetime": report.updated_at.isoformat(),
        "lat": 30.4972,
        "long": 114.4081,
    }


def _update(report: city.Report) -> dict[str, object]:
    return {
        "update_id": f"u-{report.number}",
        "service_request_id": report.number,
        "status": "in_progress",
        "updated_datetime": report.updated_at.isoformat(),
        "description": report.last_step,
    }
