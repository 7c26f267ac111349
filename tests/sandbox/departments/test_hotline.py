"""The hotline's server as GeoReport has it, in both formats, over a real socket to a real process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from lxml import etree

from sandbox.city import City, build_city
from sandbox.departments.hotline.catalogue import SERVICE_TYPES
from sandbox.departments.hotline.server import API_KEY
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce

NAME = "hotline"
KEY = {"X-API-Key": API_KEY}
FORMATS = pytest.mark.parametrize("ending", ["json", "xml"])
GOOD = {
    "api_key": API_KEY,
    "service_code": "manhole_cover",
    "description": "井盖不见了 & <危险>",
    "lat": "30.4972",
    "long": "114.4081",
    "account_id": "100000022",
}


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME]) as city:
        yield city


@pytest.fixture
async def server(running: SandboxCity) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        async with client.post("/_sandbox/reset"):
            pass
        yield client


@pytest.fixture(scope="module")
def city() -> City:
    return build_city()


async def get(server: aiohttp.ClientSession, path: str, **options: Any) -> tuple[int, Any]:
    async with server.get(path, **options) as reply:
        return reply.status, await content(reply)


async def post(server: aiohttp.ClientSession, path: str, form: Any, **options: Any) -> tuple[int, Any]:
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    async with server.post(path, data=body, **options) as reply:
        return reply.status, await content(reply)


async def content(reply: aiohttp.ClientResponse) -> Any:
    """The answer as plain data; in XML every value is a text, an empty one None."""
    if reply.content_type == "text/xml":
        assert (await reply.read()).startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        return plain(etree.fromstring(await reply.read()))
    assert reply.content_type == "application/json"
    return await reply.json()


def plain(element: Any) -> Any:
    names = [child.tag for child in element]
    if element.tag in {"services", "service_requests", "service_request_updates", "errors", "attributes", "values"}:
        return [plain(child) for child in element]
    return {child.tag: plain(child) for child in element} if names else element.text


async def numbers(server: aiohttp.ClientSession, account: str) -> list[str | None]:
    status, listed = await get(server, "/requests.json", params={"account_id": account}, headers=KEY)
    assert status == 200
    return [each["service_request_id"] for each in listed]


@FORMATS
async def test_services_are_in_the_callers_language(server, ending):
    for locale, name in (("zh-CN", "井盖缺失破损"), ("en", "Manhole cover missing")):
        status, services = await get(server, f"/services.{ending}", headers={"Accept-Language": locale})
        assert (status, len(services)) == (200, len(SERVICE_TYPES))
        assert services[0]["service_name"] == name
    assert {each["type"] for each in services} == {"realtime", "batch", "blackbox"}


@FORMATS
async def test_a_definition_has_questions_with_choices(server, ending):
    status, definition = await get(server, f"/services/noise.{ending}", headers={"Accept-Language": "en"})
    assert (status, definition["service_code"]) == (200, "noise")
    first, last = definition["attributes"]
    assert (first["code"], first["datatype"], str(first["required"]).lower()) == ("source", "singlevaluelist", "false")
    assert {"key": "shop", "name": "Shop"} in first["values"]
    assert last["code"] == "reference"


@FORMATS
async def test_a_filed_complaint_is_listed_at_once(server, ending):
    status, (receipt,) = await post(server, f"/requests.{ending}", GOOD)
    assert status == 200
    number = receipt["service_request_id"]
    status, listed = await get(server, f"/requests.{ending}", params={"account_id": "100000022"}, headers=KEY)
    assert listed[0]["service_request_id"] == number
    assert listed[0]["description"] == GOOD["description"]
    assert (float(listed[0]["lat"]), listed[0]["account_id"]) == (30.4972, "100000022")
    status, (one,) = await get(server, f"/requests/{number}.{ending}", headers={"Accept-Language": "en"})
    assert (status, one["status"], "account_id" in one) == (200, "open", False)
    assert one["agency_responsible"] == "Shuguang Community Residents' Committee"


async def test_without_a_reference_a_repeated_form_files_twice(server):
    before = len(await numbers(server, "100000022"))
    first, second = [await post(server, "/requests.json", GOOD) for _ in range(2)]
    assert first != second
    assert len(await numbers(server, "100000022")) == before + 2


async def test_with_a_reference_the_first_receipt_comes_again(server):
    before = len(await numbers(server, "100000022"))
    form = {**GOOD, "attribute[reference]": "our-1"}
    first, second = [await post(server, "/requests.json", form) for _ in range(2)]
    assert first == second
    assert len(await numbers(server, "100000022")) == before + 1
    _, (others,) = await post(server, "/requests.json", {**form, "account_id": "100000033"})
    assert others["service_request_id"] != first[1][0]["service_request_id"], "a reference is one account's own"


async def test_an_answer_that_is_lost_was_filed_all_the_same(server):
    before = len(await numbers(server, "100000022"))
    form = {**GOOD, "attribute[reference]": "our-2"}
    with pytest.raises(aiohttp.ClientError):
        await post(server, "/requests.json", form, headers={"X-Sandbox-Scenario": "lost_answer"})
    assert (await post(server, "/requests.json", form))[0] == 200
    assert len(await numbers(server, "100000022")) == before + 1


@FORMATS
async def test_a_batch_service_gives_a_token_and_later_a_number(server, ending):
    _, (receipt,) = await post(server, f"/requests.{ending}", {**GOOD, "service_code": "shared_bikes"})
    assert "service_request_id" not in receipt
    token = receipt["token"]
    status, (waiting,) = await get(server, f"/tokens/{token}.{ending}")
    assert (status, waiting) == (200, {"service_request_id": None, "token": token})
    _, listed = await get(server, "/requests.json", params={"account_id": "100000022"}, headers=KEY)
    assert (listed[0]["service_request_id"], listed[0]["token"]) == (None, token)
    for _ in range(40):
        _, (entry,) = await get(server, f"/tokens/{token}.{ending}")
        if entry["service_request_id"]:
            break
        await asyncio.sleep(0.1)
    assert (await numbers(server, "100000022"))[0] == entry["service_request_id"]


async def test_a_blackbox_service_never_gives_anything(server):
    before = await numbers(server, "100000022")
    _, (receipt,) = await post(server, "/requests.json", {**GOOD, "service_code": "suggestion"})
    assert not receipt.keys() & {"service_request_id", "token"}
    assert await numbers(server, "100000022") == before


@FORMATS
async def test_all_faults_come_at_once(server, ending):
    form = {
        "api_key": API_KEY,
        "service_code": "consumer_dispute",
        "description": " ",
        "email": "nobody",
        "phone": "call me",
        "media_url": "javascript:alert(1)",
        "account_id": "12",
        "last_name": "n" * 101,
        "attribute[colour]": "red",
        "attribute[reference]": "r" * 65,
    }
    status, faults = await post(server, f"/requests.{ending}", form)
    assert status == 400
    assert {each["code"] for each in faults} == {
        "description.missing",
        "location.missing",
        "email.invalid",
        "phone.invalid",
        "media_url.invalid",
        "account_id.invalid",
        "last_name.too_long",
        "attribute[colour].unknown",
        "attribute[reference].too_long",
        "attribute[merchant].missing",
    }
    assert all(each["description"] for each in faults)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"service_code": ""}, "service_code.missing"),
        ({"service_code": "dragons"}, "service_code.unknown"),
        ({"description": "x" * 4001}, "description.too_long"),
        ({"description": "a\x00b"}, "description.invalid"),
        ({"long": ""}, "location.incomplete"),
        ({"lat": "north"}, "location.invalid"),
        ({"lat": "nan"}, "location.invalid"),
        ({"lat": "42.36", "long": "-71.06"}, "location.outside"),
        ({"address_string": "x" * 256}, "address_string.too_long"),
        ({"service_code": "noise", "attribute[source]": "bagpipes"}, "attribute[source].invalid"),
    ],
)
async def test_a_fault_has_its_code(server, change, code):
    status, faults = await post(server, "/requests.json", {**GOOD, **change})
    assert (status, [each["code"] for each in faults]) == (400, [code])


async def test_an_address_alone_is_a_place(server):
    form = {**GOOD, "lat": "", "long": "", "address_string": "光谷大道58号"}
    status, (receipt,) = await post(server, "/requests.json", form)
    assert status == 200
    _, (one,) = await get(server, f"/requests/{receipt['service_request_id']}.json")
    assert (one["address"], one["lat"], one["agency_responsible"]) == ("光谷大道58号", None, "12345热线运营中心")


@pytest.mark.parametrize("body", [b"description=%ff", b"\xff\xfe", b"a=1&" * 300])
async def test_what_is_no_form_is_a_400(server, body):
    status, (fault,) = await post(server, "/requests.json", body)
    assert (status, fault["code"]) == (400, "body.invalid")


@FORMATS
async def test_a_wrong_key_is_a_403_for_what_is_personal_or_writes(server, ending):
    wanted = (403, ["api_key.invalid"])
    for key in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": "schlüssel"}):
        status, faults = await get(server, f"/requests.{ending}", params={"account_id": "100000022"}, headers=key)
        assert (status, [each["code"] for each in faults]) == wanted
    for path in ("requests", "servicerequestupdates"):
        status, faults = await post(server, f"/{path}.{ending}", {**GOOD, "api_key": "wrong"})
        assert (status, [each["code"] for each in faults]) == wanted


@FORMATS
@pytest.mark.parametrize("path", ["requests/26-999999", "services/dragons", "tokens/T999999", "dragons"])
async def test_the_unknown_is_a_404_in_the_protocols_words(server, path, ending):
    status, (fault,) = await get(server, f"/{path}.{ending}")
    assert (status, fault.keys()) == (404, {"code", "description"})


async def test_every_persona_has_complaints_and_the_busy_one_fifty(server, city):
    for name, persona in city.personas.items():
        count = len(await numbers(server, persona.id))
        assert count == 50 if name == "busy" else 2 <= count <= 3
    _, listed = await get(server, "/requests.json", params={"account_id": city.busy_person}, headers=KEY)
    assert len({each["status"] for each in listed}) > 5
    assert [each["requested_datetime"] for each in listed] == sorted(
        (each["requested_datetime"] for each in listed), reverse=True
    )


async def test_the_public_list_names_nobody_and_ends_at_ninety_days(server, city):
    _, listed = await get(server, "/requests.json")
    assert listed
    assert not any({"account_id", "token"} & each.keys() for each in listed)
    days = {each["requested_datetime"][:10] for each in listed}
    assert datetime.fromisoformat(f"{min(days)}T23:59:59+08:00") >= datetime.now(UTC) - timedelta(days=90)
    _, more = await get(server, "/requests.json", params={"end_date": f"{min(days)}T00:00:00+08:00"})
    assert more, "older ones are found when asked for"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"start_date": "2026-01-01T00:00:00"}, "start_date.invalid"),
        ({"end_date": "tomorrow"}, "end_date.invalid"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"}, "end_date.span"),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "end_date.span"),
        ({"status": "pondering"}, "status.unknown"),
        ({"account_id": "１２３４５６７８９"}, "account_id.invalid"),
    ],
)
async def test_a_wrong_parameter_is_a_400(server, params, code):
    status, faults = await get(server, "/requests.json", params=params, headers=KEY)
    assert (status, [each["code"] for each in faults]) == (400, [code])


async def test_open_and_closed_gather_the_extended_statuses(server, city):
    async def found(status: str) -> set[str]:
        params = {"account_id": city.busy_person, "status": status}
        return {each["status"] for each in (await get(server, "/requests.json", params=params, headers=KEY))[1]}

    still, ended = await found("open"), await found("closed")
    assert "in_progress" in still
    assert "fixed" in ended
    assert not still & ended
    assert await found("fixed") == {"fixed"}


async def test_an_id_overrides_all_else_and_tells_nobody_whose_it_is(server, city):
    number = (await numbers(server, city.busy_person))[0]
    params = {"service_request_id": f"{number},26-999999", "account_id": "100000022", "status": "fixed"}
    _, listed = await get(server, "/requests.json", params=params, headers=KEY)
    assert [each["service_request_id"] for each in listed] == [number]
    assert "account_id" not in listed[0]


async def test_a_complaint_climbs_from_community_to_the_competent_body(server):
    _, (receipt,) = await post(server, "/requests.json", GOOD)
    number = receipt["service_request_id"]
    seen = []
    for at in range(5):
        _, (one,) = await get(server, f"/requests/{number}.json", headers={"Accept-Language": "en"})
        seen.append(one["agency_responsible"])
        form = {
            "api_key": API_KEY,
            "service_request_id": number,
            "update_id": f"hop-{at}",
            "status": "INTERNAL_REFERRAL",
            "updated_datetime": f"2026-03-02T08:0{at}:00Z",
            "description": "Beyond our powers",
        }
        assert await post(server, "/servicerequestupdates.json", form) == (200, [{"update_id": f"hop-{at}"}])
    assert seen == [
        "Shuguang Community Residents' Committee",
        "Guandong Neighbourhood Office",
        "Hongshan District Hotline Desk",
        "Water and Lakes Bureau",
        "Water and Lakes Bureau",
    ]
    await post(server, "/servicerequestupdates.json", form)
    _, steps = await get(server, "/servicerequestupdates.json", params={"service_request_id": number})
    assert sorted(each["update_id"] for each in steps) == ["F1-0", *(f"hop-{at}" for at in range(5))]


@FORMATS
async def test_updates_of_many_come_with_one_call_oldest_first(server, city, ending):
    busy = await numbers(server, city.busy_person)
    params = {"service_request_id": ",".join(filter(None, busy))}
    status, steps = await get(server, f"/servicerequestupdates.{ending}", params=params)
    assert status == 200
    assert {each["service_request_id"] for each in steps} == set(busy)
    times = [each["updated_datetime"] for each in steps]
    assert times == sorted(times)


async def test_updates_without_ids_are_those_of_a_span(server):
    status, steps = await get(server, "/servicerequestupdates.json")
    assert (status, bool(steps)) == (200, True)
    status, (fault,) = await get(server, "/servicerequestupdates.json", params={"start_date": "x"})
    assert (status, fault["code"]) == (400, "start_date.invalid")


@FORMATS
async def test_a_wrong_update_is_refused_with_all_its_faults(server, ending):
    status, faults = await post(server, f"/servicerequestupdates.{ending}", {"api_key": API_KEY})
    assert (status, {each["code"] for each in faults}) == (
        400,
        {
            "service_request_id.invalid",
            "update_id.invalid",
            "status.unknown",
            "updated_datetime.invalid",
            "description.missing",
        },
    )


@FORMATS
@pytest.mark.parametrize(
    ("scenario", "status", "code"),
    [
        ("error", 500, "500"),
        ("inner_fault", 200, "500"),
        ("maintenance; seconds=90", 503, "maintenance"),
        ("quota; calls=0", 429, "quota"),
    ],
)
async def test_a_scenario_is_worded_by_the_protocol(server, scenario, status, code, ending):
    async with server.get(f"/services.{ending}", headers={"X-Sandbox-Scenario": scenario}) as reply:
        (fault,) = await content(reply)
        assert (reply.status, fault["code"]) == (status, code)
        assert ("Retry-After" in reply.headers) == (status in {429, 503})


async def test_a_reset_forgets_what_was_filed_and_changed(server, city):
    number = (await numbers(server, city.busy_person))[0]
    before = await get(server, f"/requests/{number}.json")
    await post(server, "/requests.json", GOOD)
    form = {**GOOD, "service_request_id": number or "", "update_id": "x", "status": "fixed", "description": "done"}
    form["updated_datetime"] = "2026-03-02T08:00:00Z"
    assert (await post(server, "/servicerequestupdates.json", form))[0] == 200
    assert await get(server, f"/requests/{number}.json") != before
    filed = len(await numbers(server, "100000022"))
    async with server.post("/_sandbox/reset"):
        pass
    assert await get(server, f"/requests/{number}.json") == before
    assert len(await numbers(server, "100000022")) == filed - 1


async def test_who_asked_is_logged(server):
    await numbers(server, "100000022")
    _, usage = await get(server, "/_sandbox/usage", params={"subject": "100000022"})
    assert (usage["totalUsages"], usage["usages"][0]["action"]) == (1, "requests.list")
