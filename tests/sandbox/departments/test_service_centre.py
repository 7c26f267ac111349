"""The service centre's server in its own words: errors, calendar, lists, control."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.sandbox.departments.service_centre import BUSY, NAME, RESIDENT

Json = dict[str, Any]
TOMORROW = datetime.now(UTC).date() + timedelta(1)
CALENDAR = {
    "startDate": TOMORROW.isoformat(),
    "endDate": (TOMORROW + timedelta(30)).isoformat(),
    "officeIds": "101",
    "serviceIds": "10010",
    "serviceCounts": "1",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with SandboxCity(departments=[NAME]) as city:
        yield city.addresses[NAME]


@pytest.fixture
async def api(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(address, response_class=ReadAtOnce) as session:
        await (await session.post("/_sandbox/reset")).read()
        yield session


async def answer(call: Any) -> tuple[int, Any]:
    async with call as reply:
        return reply.status, await reply.json()


async def codes(call: Any) -> tuple[int, list[str]]:
    status, body = await answer(call)
    for error in body["errors"]:
        assert set(error) == {"errorCode", "errorMessage", "statusCode", "errorType"}
    return status, [error["errorCode"] for error in body["errors"]]


async def reserved(api: aiohttp.ClientSession) -> Json:
    _, calendar = await answer(api.get("/available-calendar/", params=CALENDAR))
    start = calendar["availableDays"][0]["offices"][0]["appointments"][0]
    body = {"officeId": 101, "serviceId": [10010], "serviceCount": [1], "timestamp": str(start)}
    status, process = await answer(api.post("/reserve-appointment/", json=body))
    assert (status, process["status"], process["timestamp"]) == (200, "reserved", str(start))
    assert len(process["authKey"]) == 64
    return {"processId": process["processId"], "authKey": process["authKey"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"startDate": "2026-02-30"}, (400, ["invalidStartDate"])),
        ({"startDate": ""}, (400, ["invalidStartDate"])),
        ({"endDate": "tomorrow", "serviceCounts": ""}, (400, ["invalidEndDate", "invalidServiceCount"])),
        ({"officeIds": "x", "serviceIds": ""}, (400, ["invalidOfficeId", "invalidServiceId"])),
        ({"endDate": (TOMORROW - timedelta(1)).isoformat()}, (520, ["unknownError"])),
        ({"officeIds": "101,999"}, (400, ["invalidLocationAndServiceCombination"])),
        ({"serviceCounts": "1,1"}, (400, ["MISMATCHED_ARRAYS"])),
        ({"serviceCounts": "26"}, (400, ["invalidServiceCount"])),
    ],
    ids=str,
)
async def test_the_calendar_refuses_in_its_own_words(
    api: aiohttp.ClientSession, change: Json, expected: tuple[int, list[str]]
) -> None:
    assert await codes(api.get("/available-calendar/", params=CALENDAR | change)) == expected


async def test_the_calendar_has_a_window_and_its_neighbours(api: aiohttp.ClientSession) -> None:
    _, whole = await answer(api.get("/available-calendar/", params=CALENDAR))
    days = [day["date"] for day in whole["availableDays"]]
    window = {"slotsStartDate": days[2], "slotsEndDate": days[4]}
    _, part = await answer(api.get("/available-calendar/", params=CALENDAR | window))
    assert [day["date"] for day in part["availableDays"]] == days[2:5]
    assert part["availableDays"] == whole["availableDays"][2:5]
    assert (part["prevBookableDate"], part["nextBookableDate"]) == (days[1], days[5])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"'])
async def test_a_post_without_an_object_is_invalid(api: aiohttp.ClientSession, body: bytes) -> None:
    assert await codes(api.post("/reserve-appointment/", data=body)) == (400, ["invalidRequest"])


@pytest.mark.parametrize(
    "body", [{}, {"officeId": [], "serviceId": "10010", "serviceCount": {}, "timestamp": None}], ids=["empty", "types"]
)
async def test_a_reservation_names_everything_that_is_wrong(api: aiohttp.ClientSession, body: Json) -> None:
    status, found = await codes(api.post("/reserve-appointment/", json=body))
    assert status == 400
    assert found[:3] == ["invalidOfficeId", "invalidServiceId", "invalidTimestamp"]


async def test_the_secret_is_asked_for(api: aiohttp.ClientSession) -> None:
    key = await reserved(api)
    for step in ("update", "preconfirm", "confirm", "cancel"):
        path = f"/{step}-appointment/"
        wrong = key | {"authKey": "0" * 64}
        assert await codes(api.post(path, json=wrong)) == (406, ["authKeyMismatch"])
        assert await codes(api.post(path, json=key | {"processId": 1})) == (404, ["appointmentNotFound"])
        malformed = {"processId": 0, "authKey": "xyz"}
        assert await codes(api.post(path, json=malformed)) == (400, ["invalidProcessId", "invalidAuthKey"])


async def test_steps_in_the_wrong_order(api: aiohttp.ClientSession) -> None:
    key = await reserved(api)
    assert (await answer(api.post("/preconfirm-appointment/", json=key)))[1]["status"] == "preconfirmed"
    assert await codes(api.post("/preconfirm-appointment/", json=key)) == (409, ["processNotReservedAnymore"])
    assert (await answer(api.post("/confirm-appointment/", json=key)))[1]["status"] == "confirmed"
    assert await codes(api.post("/confirm-appointment/", json=key)) == (409, ["processNotPreconfirmedAnymore"])
    assert (await answer(api.post("/cancel-appointment/", json=key)))[1]["status"] == "deleted"
    assert await codes(api.post("/cancel-appointment/", json=key)) == (404, ["appointmentNotFound"])
    assert await codes(api.get("/appointment/", params=key)) == (404, ["appointmentNotFound"])


async def test_a_preconfirmation_expires_with_a_code_of_its_own(api: aiohttp.ClientSession) -> None:
    key = await reserved(api)
    await answer(api.put("/_sandbox/holds", json={"seconds": 0}))
    await answer(api.post("/preconfirm-appointment/", json=key))
    assert await codes(api.post("/confirm-appointment/", json=key)) == (400, ["preconfirmationExpired"])


async def test_the_list_shows_what_is_confirmed_to_whom_it_belongs(api: aiohttp.ClientSession) -> None:
    assert await codes(api.get("/my-appointments/")) == (401, ["authKeyMismatch"])
    me = {"X-Citizen-Id": RESIDENT}
    _, before = await answer(api.get("/my-appointments/", headers=me))
    key = await reserved(api)
    await answer(api.post("/update-appointment/", json=key | {"familyName": "王"}, headers=me))
    assert (await answer(api.get("/my-appointments/", headers=me)))[1] == before
    await answer(api.post("/confirm-appointment/", json=key))
    _, after = await answer(api.get("/my-appointments/", headers=me))
    assert {each["processId"] for each in after} - {each["processId"] for each in before} == {key["processId"]}
    only = {"filterId": str(key["processId"])}
    _, one = await answer(api.get("/my-appointments/", headers=me, params=only))
    assert [each["processId"] for each in one] == [key["processId"]]


async def test_who_asked_is_logged(api: aiohttp.ClientSession) -> None:
    await answer(api.get("/my-appointments/", headers={"X-Citizen-Id": BUSY}))
    _, log = await answer(api.get("/_sandbox/usage", params={"subject": BUSY}))
    assert [(use["action"], use["subject"]) for use in log["usages"]] == [("my_appointments", BUSY)]


async def test_reset_gives_everything_back(api: aiohttp.ClientSession) -> None:
    _, before = await answer(api.get("/available-calendar/", params=CALENDAR))
    await reserved(api)
    assert (await answer(api.get("/available-calendar/", params=CALENDAR)))[1] != before
    await answer(api.post("/_sandbox/reset"))
    assert (await answer(api.get("/available-calendar/", params=CALENDAR)))[1] == before


async def test_an_unknown_path_and_a_hold_that_is_no_number(api: aiohttp.ClientSession) -> None:
    assert await codes(api.get("/offices/")) == (404, ["notFound"])
    for wrong in ("soon", -1, 1e9, [1], float("nan")):
        assert (await codes(api.put("/_sandbox/holds", json={"seconds": wrong})))[0] == 400


async def test_without_public_data_nothing_is_seeded_from_it(api: aiohttp.ClientSession) -> None:
    assert (await answer(api.get("/_sandbox/seed")))[1] == {"served": 0, "refused": {}, "sources": {}}
