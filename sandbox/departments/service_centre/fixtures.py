"""The citizen API's own test data (`de_zms/citizenapi_fixtures`), in the words of its backend.

What the API would make of the others is no answer that it gives to a citizen; each is refused with its reason.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.departments.service_centre.berlin import WEEKDAYS
from sandbox.departments.service_centre.offer import Offer, Office, Place, Service
from sandbox.departments.service_centre.process import Process, Status
from sandbox.departments.service_centre.tally import Tally
from sandbox.real import document
from sandbox.records import GeoPoint, Text

FOLDER = Path("de_zms") / "citizenapi_fixtures"
SOURCES = ("GET_SourceGet_dldb.json", "GET_reserve_SourceGet_dldb.json")
TIMES = ("GET_calendar_availability.json", "GET_calendar_availability_empty.json")
REFUSED = {
    "GET_calendar.json": "calendar_has_no_times",
    "GET_calendar_empty_days.json": "calendar_has_no_times",
    "GET_process_ics_template.json": "calendar_entry_is_of_another_process",
    "GET_captcha_challenge.json": "captcha_is_in_no_port",
    "POST_captcha_verify_payload.json": "captcha_is_in_no_port",
}
_LISTED = {"confirmed"}
Row = Mapping[str, Any]


class Fixtures:
    """The files that are there."""

    def __init__(self, data: Path, tally: Tally) -> None:
        self._folder = data / FOLDER
        self._tally = tally

    def offer(self) -> Offer:
        """Providers, requests and their relations. Raises: DataError."""
        sources = [(name, row) for name in SOURCES for row in self._data(name)]
        offices = {
            int(each["id"]): _office(each) for name, row in sources for each in self._served(name, row["providers"])
        }
        services = {
            int(each["id"]): _service(each) for name, row in sources for each in self._public(name, row["requests"])
        }
        return Offer(offices, services, dict(self._relations(sources, services)))

    def times(self) -> dict[int, list[int]]:
        """Free times by office. Raises: DataError."""
        found: dict[int, list[int]] = {}
        for name in TIMES:
            for row in self._data(name):
                if not row["days"]:
                    self._tally.refuse(name, "availability_is_empty")
                for day in row["days"]:
                    for office, moments in day["appointments"].items():
                        found.setdefault(int(office), []).extend(self._served(name, moments))
        return found

    def processes(self) -> list[tuple[str, Process | None]]:
        """Files with a process: what a citizen's list shows of it, or None. Raises: DataError."""
        names = sorted(path.name for path in self._folder.glob("*.json"))
        others = {*SOURCES, *TIMES, *REFUSED}
        for name in names:
            if name in REFUSED:
                self._tally.refuse(name, REFUSED[name])
        return [(name, self._process(name)) for name in names if name not in others]

    def _process(self, name: str) -> Process | None:
        row = next(iter(self._data(name)))
        row = row.get("0", row)  # a list that PHP has written with its keys
        reason = why_not_listed(row)
        if reason is not None:
            self._tally.refuse(name, reason)
            return None
        self._tally.serve(name)
        return to_process(row)

    def _relations(
        self, sources: list[tuple[str, Row]], services: Mapping[int, Service]
    ) -> Iterator[tuple[tuple[int, int], int]]:
        for name, row in sources:
            for relation in row["requestrelation"]:
                service = int(relation["request"]["id"])
                if service in services:
                    self._tally.serve(name)
                    yield (int(relation["provider"]["id"]), service), int(relation["slots"])
                else:
                    self._tally.refuse(name, "relation_to_refused_service")

    def _public(self, name: str, rows: list[Row]) -> Iterator[Row]:
        for row in rows:
            if row.get("data", {}).get("public", True):
                self._tally.serve(name)
                yield row
            else:
                self._tally.refuse(name, "service_is_not_public")

    def _served(self, name: str, rows: list[Any]) -> Iterator[Any]:
        for row in rows:
            self._tally.serve(name)
            yield row

    def _data(self, name: str) -> Iterator[Row]:
        content = document(self._folder / name)
        if isinstance(content, dict):
            yield content["data"]


def why_not_listed(row: Row) -> str | None:
    """Why a backend's process is in no citizen's list; None when it is."""
    if not row["appointments"]:
        return "process_has_no_time"
    queue = row["queue"]
    status = queue.get("status", row.get("status")) if isinstance(queue, dict) else None
    if status not in _LISTED:
        return f"process_is_{status or row['status']}"
    return None if row.get("scope", {}).get("contact") else "process_has_no_office"


def to_process(row: Row) -> Process:
    """A backend's process with its office, as MapperService thins it."""
    appointment, client = row["appointments"][0], row["clients"][0]
    services: dict[int, tuple[Service, int]] = {}
    for request in row["requests"]:
        service = _service(request)
        services[service.id] = (service, services.get(service.id, (service, 0))[1] + 1)
    return Process(
        id=int(row["id"]),
        auth_key=row["authKey"],
        office=_office(row["scope"]["provider"]),
        services=tuple(services.values()),
        start=int(appointment["date"]),
        slots=int(appointment["slotCount"]),
        status=Status(row["queue"]["status"]),
        name=client["familyName"],
        email=client["email"],
        telephone=client["telephone"],
    )


def _office(row: Row) -> Office:
    name, contact = row.get("displayName") or row["name"], row["contact"]
    geo = row.get("data", {}).get("geo")
    return Office(
        id=int(row["id"]),
        name=Text(name, name),
        openings=WEEKDAYS,
        place=Place(
            Text(contact["street"], contact["street"]),
            Text(contact["streetNumber"], contact["streetNumber"]),
            contact["postalCode"],
            Text(contact["city"], contact["city"]),
        ),
        point=GeoPoint(float(geo["lat"]), float(geo["lon"])) if geo else None,
        states_slot=False,
    )


def _service(row: Row) -> Service:
    return Service(int(row["id"]), Text(row["name"], row["name"]))
