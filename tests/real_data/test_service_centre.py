"""Berlin's public locations and services, and the ZMS citizen API's test data, through the real server and adapter."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.contract.errors import BadReply, Rejected
from adapters.contract.ports.appointments import Appointment, AppointmentOrder, AppointmentState, SlotQuery
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import OfficeId, PersonId, ServiceId
from adapters.departments.service_centre.mapping import to_appointment
from adapters.products.replies import decode
from adapters.products.zms.calendar_entry import event_end
from adapters.products.zms.wire import Calendar, OfficesAndServices, ThinnedProcess
from sandbox.city import build_city
from sandbox.departments.service_centre.fixtures import to_process, why_not_listed
from sandbox.launch import SandboxCity
from tests.sandbox.departments.service_centre import NAME, Centre, connected, order

pytestmark = pytest.mark.real_data

SERVED = {
    "locations_de.json": 466,
    "locations_de.json services": 2229,
    "services_de.json": 264,
    "GET_SourceGet_dldb.json": 5,
    "GET_reserve_SourceGet_dldb.json": 3,
    "GET_calendar_availability.json": 3,
    "GET_process.json": 1,
}
REFUSED = {
    "location_without_postal_code": 30,
    "relation_cannot_be_booked": 3102,
    "relation_to_unknown_service": 248,
    "relation_to_refused_location": 11,
    "relation_is_repeated": 3,
    "relation_is_taken_from_the_location": 5328,
    "service_is_offered_nowhere": 296,
    "authority_has_no_record_in_the_api": 189,
    "topic_has_no_record_in_the_api": 170,
    "service_is_not_public": 1,
    "relation_to_refused_service": 1,
    "availability_is_empty": 1,
    "calendar_has_no_times": 2,
    "calendar_entry_is_of_another_process": 1,
    "captcha_is_in_no_port": 2,
    "process_is_free": 2,
    "process_is_reserved": 2,
    "process_is_preconfirmed": 1,
    "process_is_deleted": 1,
    "process_has_no_time": 1,
    "process_has_no_office": 1,
}
ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("CITYGATE_DATA")
    if not folder or not (Path(folder) / "de_zms").is_dir():
        pytest.skip("CITYGATE_DATA names no folder with de_zms")
    return Path(folder)


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with SandboxCity(data=data, departments=[NAME]) as city:
        yield city.addresses[NAME]


@pytest.fixture
async def centre(address: str) -> AsyncIterator[Centre]:
    async with connected(address) as centre:
        yield centre


@pytest.fixture(scope="module")
def owner(data: Path) -> PersonId:
    return PersonId(build_city(data=data).personas["entrepreneur"].id)


def rows(path: Path) -> list[Any]:
    found: list[Any] = json.loads(path.read_text("utf-8"))["data"]
    return found


async def test_every_record_is_served_or_refused_with_its_reason(centre: Centre, data: Path) -> None:
    async with centre.control.get("/_sandbox/seed") as reply:
        report = await reply.json()
    print(json.dumps(report))
    assert report["refused"] == REFUSED
    assert {source: counts["served"] for source, counts in report["sources"].items() if counts["served"]} == SERVED
    assert report["served"] == sum(SERVED.values()) == 2971
    seen = {source: counts["served"] + counts["refused"] for source, counts in report["sources"].items()}
    dldb = data / "de_zms" / "dldb"
    for name, nested in (("locations", "services"), ("services", "locations"), ("authority", ""), ("topic", "")):
        source = f"{name}_de.json"
        assert seen.pop(source) == len(rows(dldb / source))
        if nested:
            assert seen.pop(f"{source} {nested}") == sum(len(row[nested]) for row in rows(dldb / source))
    assert set(seen) == {path.name for path in (data / "de_zms" / "citizenapi_fixtures").iterdir()}


async def test_every_served_office_and_service_is_mapped(centre: Centre, data: Path) -> None:
    offices = {each.id: each for each in (await centre.offices.listed([Catalogue()]))[Catalogue()]}
    services = {each.id: each for each in (await centre.services.listed([Catalogue()]))[Catalogue()]}
    assert (len(offices), len(services)) == (466 + 3, 264 + 2)
    assert sum(len(office.service_ids) for office in offices.values()) == 2229 + 3
    assert sum(len(service.office_ids) for service in services.values()) == 2229 + 3
    for row in rows(data / "de_zms" / "dldb" / "locations_de.json"):
        if not row["address"]["postal_code"]:
            assert row["id"] not in offices
            continue
        office = offices[OfficeId(row["id"])]
        address = {name: word.strip() for name, word in row["address"].items()}
        assert office.name == row["name"]
        assert office.address is not None
        assert office.address.lines == (f"{address['street']} {address['house_number']}", address["city"])
        assert office.address.postal_code == address["postal_code"]
        assert office.location is not None
        assert (office.location.latitude, office.location.longitude) == (row["geo"]["lat"], row["geo"]["lon"])
    for row in rows(data / "de_zms" / "dldb" / "services_de.json"):
        if (service := services.get(ServiceId(row["id"]))) is not None:
            assert service.name == row["name"]


async def test_free_times_of_the_test_data_are_mapped(centre: Centre, data: Path) -> None:
    fixture = data / "de_zms" / "citizenapi_fixtures" / "GET_calendar_availability.json"
    days = json.loads(fixture.read_text())["data"]["days"]
    moments = sorted(moment for day in days for each in day["appointments"].values() for moment in each)
    on = datetime.fromtimestamp(moments[0], UTC).date()
    query = SlotQuery(
        office_id=OfficeId("9999999"),
        service_ids=(ServiceId("1"),),
        first_day=on - timedelta(1),
        last_day=on + timedelta(1),
    )
    assert (await centre.appointments.free_slots([query]))[query] == ()
    wanted = SlotQuery(
        office_id=OfficeId("9999998"),
        service_ids=(ServiceId("1"),),
        first_day=query.first_day,
        last_day=query.last_day,
    )
    found = (await centre.appointments.free_slots([wanted]))[wanted]
    assert [int(slot.starts_at.timestamp()) for slot in found] == moments


async def test_the_process_of_the_test_data_is_in_its_owners_list(centre: Centre, owner: PersonId) -> None:
    mine = (await centre.appointments.of_person([owner], Appointment.personal))[owner]
    published = next(each for each in mine if each.id.startswith("101002."))
    assert (published.office_name, published.state) == ("Bürgerbüro Orleansplatz DEV", AppointmentState.CONFIRMED)
    assert published.office_address is not None
    assert published.office_address.lines == ("Orleansstraße 50", "Muenchen")
    assert [(each.id, each.name) for each in published.services] == [("1063424", "Gewerbe anmelden")]
    assert published.starts_at == datetime.fromtimestamp(1724907600, UTC)
    with pytest.raises(Rejected) as caught:
        await centre.appointments.cancel(AppointmentOrder(person=owner, appointment_id=published.id))
    assert [problem.code for problem in caught.value.problems] == ["TOO_LATE"]


async def test_a_real_office_can_be_booked(centre: Centre, owner: PersonId) -> None:
    offices = (await centre.offices.listed([Catalogue()]))[Catalogue()]
    office = next(each for each in offices if each.name == "Bürgeramt Rathaus Tiergarten")
    service = office.service_ids[0]
    slot = (await centre.slots(service, office=office.id))[0]
    held = await centre.appointments.hold(order(owner, slot, service))
    confirmed = await centre.appointments.confirm(AppointmentOrder(person=owner, appointment_id=held.id))
    assert confirmed in (await centre.appointments.of_person([owner], Appointment.personal))[owner]
    assert slot not in await centre.slots(service, office=office.id)


def test_raw_processes_are_mapped_or_refused_at_the_door(data: Path) -> None:
    """What the API would say of each backend process in the test data, fed to the mapping directly."""
    outcomes: Counter[str] = Counter()
    for path in sorted((data / "de_zms" / "citizenapi_fixtures").iterdir()):
        row = json.loads(path.read_text("utf-8")).get("data", {})
        row = row.get("0", row)
        if "appointments" not in row:
            continue
        body = json.dumps(thinned(row)).encode()
        try:
            raw = decode(body, ThinnedProcess)
            outcomes[to_appointment(raw, appointment_id="1", zone=ZONE).state.value] += 1
        except BadReply as exc:
            outcomes[exc.reason] += 1
    assert outcomes == {
        "confirmed": 1,
        "the appointment has neither officeName nor scope.provider.name": 5,
        "status is none that an appointment can have": 2,
        "the reply does not fit ThinnedProcess: Expected `str`, got `null` - at `$.timestamp`": 1,
    }


def thinned(row: dict[str, Any]) -> dict[str, Any]:
    """`MapperService::processToThinnedProcess` as far as the test data go."""
    if why_not_listed(row) is None:
        return to_process(row).thinned("de")
    queue, scope = row["queue"] or {}, row.get("scope", {})
    first = row["appointments"][0] if row["appointments"] else {}
    request = (row.get("requests") or [{}])[0]
    return {
        "processId": int(row["id"]),
        "authKey": row["authKey"],
        "timestamp": str(first["date"]) if first else None,
        "officeName": scope.get("contact", {}).get("name"),
        "officeId": int(scope.get("provider", {}).get("id", 0)),
        "serviceId": int(request.get("id", 0)),
        "serviceName": request.get("name"),
        "serviceCount": len(row.get("requests") or []),
        "status": queue.get("status", row.get("status")),
    }


def test_raw_calendar_entry(data: Path) -> None:
    path = data / "de_zms" / "citizenapi_fixtures" / "GET_process_ics_template.json"
    content = json.loads(path.read_text("utf-8"))["data"]["content"]
    assert event_end(content) == datetime(2025, 10, 29, 7, 15, tzinfo=ZONE)


def test_raw_backend_answers_are_not_taken_for_the_apis(data: Path) -> None:
    for path in sorted((data / "de_zms" / "citizenapi_fixtures").iterdir()):
        for into in (OfficesAndServices, Calendar, ThinnedProcess, tuple[ThinnedProcess, ...]):
            with pytest.raises(BadReply):
                decode(path.read_bytes(), into)
