"""The hotline's adapter against the hotline's server, in both formats, between real processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    QuotaExceeded,
    Rejected,
    Unauthorised,
    Unavailable,
)
from adapters.contract.ports.complaints import Complaint, Complaints, ComplaintState, FileComplaint
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import GeoPoint, PersonId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.products.open311 import Format, Open311
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import build_city
from sandbox.departments.hotline.server import API_KEY
from sandbox.launch import SandboxCity

adapter = pytest.importorskip("adapters.departments.hotline.adapter", reason="the hotline's adapter is not installed")

NAME = "hotline"
CITY = build_city()
RESIDENT = PersonId(CITY.personas["resident"].id)
BUSY = PersonId(CITY.busy_person)


@dataclass
class Desk:
    """The adapter's port, its product, and a client that controls the server."""

    port: Complaints
    open311: Open311
    control: aiohttp.ClientSession
    written: str

    async def calls(self) -> dict[str, int]:
        """The calls since the last time, by operation."""
        async with self.control.get("/_sandbox/calls") as reply:
            operations: dict[str, int] = (await reply.json())["operations"]
        async with self.control.delete("/_sandbox/calls"):
            return operations

    async def play(self, **scenario: Any) -> None:
        async with self.control.put("/_sandbox/scenario", json=scenario) as reply:
            assert reply.status == 200


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME]) as city:
        yield city


@pytest.fixture(params=["json", "xml"])
async def desk(running: SandboxCity, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    address = running.addresses[NAME]
    calling()
    async with (
        HttpTransport(Endpoint(NAME, address), NoOpTracer()) as transport,
        aiohttp.ClientSession(address) as client,
    ):
        async with client.post("/_sandbox/reset"):
            pass
        port = adapter.connect(transport, {"format": request.param, "api_key": API_KEY})["complaints"]
        yield Desk(port, Open311(transport, api_key=API_KEY, written=Format(request.param)), client, request.param)


def calling(locale: str = "en") -> None:
    set_current_call(
        CallInfo(id=str(uuid4()), operation="complaints", subject=RESIDENT, locale=locale, at=datetime.now(UTC))
    )


def order(**change: Any) -> FileComplaint:
    fields: dict[str, Any] = {
        "person": RESIDENT,
        "category_code": "manhole_cover",
        "description": "井盖不见了 & <危险>\n请尽快",
        "location": GeoPoint(latitude=30.4972, longitude=114.4081),
        "address": None,
    }
    return FileComplaint(**{**fields, **change})


async def mine(desk: Desk, person: PersonId = RESIDENT) -> tuple[Complaint, ...]:
    return (await desk.port.of_person([person], Complaint.personal))[person]


@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "井盖缺失破损"), ("en", "Manhole cover missing")])
async def test_categories_are_in_the_callers_language(desk, locale, name):
    calling(locale)
    found = (await desk.port.categories([Catalogue()]))[Catalogue()]
    assert (found[0].code, found[0].name) == ("manhole_cover", name)
    assert await desk.calls() == {"services.list": 1}


@pytest.mark.parametrize(("person", "count"), [(BUSY, 50), (PersonId("999999999"), 0)])
async def test_a_persons_list_costs_one_call_whatever_its_length(desk, person, count):
    found = await mine(desk, person)
    assert len(found) == count
    assert await desk.calls() == {"requests.list": 1}
    times = [each.filed_at for each in found if each.filed_at]
    assert times == sorted(times, reverse=True)


async def test_updates_of_fifty_complaints_cost_one_call(desk):
    ids = [each.id for each in await mine(desk, BUSY)]
    await desk.calls()
    found = await desk.port.updates(ids)
    assert await desk.calls() == {"updates.list": 1}
    assert all(found[each] for each in ids)
    assert all(steps[0].state is ComplaintState.RECEIVED for steps in found.values())
    latest = {each.id: each.state for each in await mine(desk, BUSY)}
    assert {each: steps[-1].state for each, steps in found.items()} == latest


async def test_filing_shows_at_once_with_every_field(desk):
    filed = await desk.port.file(order(photo_urls=("https://photos.example.org/1.jpg",), reference="our-1"))
    assert await desk.calls() == {"services.list": 1, "requests.file": 1}
    listed = (await mine(desk))[0]
    assert (listed.id, listed.tracking_number, listed.state) == (filed.id, filed.id, ComplaintState.RECEIVED)
    for field in ("category_code", "category_name", "description", "location", "address", "photo_url", "token"):
        assert getattr(listed, field) == getattr(filed, field), field
    assert listed.awaiting == "Shuguang Community Residents' Committee"
    assert listed.filed_at is not None
    assert filed.filed_at is not None
    assert abs((listed.filed_at - filed.filed_at).total_seconds()) < 5


async def test_a_reference_files_once_and_none_files_twice(desk):
    before = len(await mine(desk))
    again = [await desk.port.file(order(reference="our-1")) for _ in range(2)]
    assert again[0].id == again[1].id
    assert len(await mine(desk)) == before + 1
    for _ in range(2):
        calling()
        await desk.port.file(order())
    assert len(await mine(desk)) == before + 3


async def test_a_lost_answer_can_be_sent_again_with_its_reference(desk):
    before = len(await mine(desk))
    await desk.play(kind="lost_answer", operation="requests.file", times=1)
    with pytest.raises(Interrupted):
        await desk.port.file(order(reference="our-1"))
    filed = await desk.port.file(order(reference="our-1"))
    assert [each.id for each in await mine(desk)][: len(await mine(desk)) - before] == [filed.id]


async def test_a_batch_category_has_its_number_later(desk):
    filed = await desk.port.file(order(category_code="shared_bikes", reference="our-1"))
    assert (filed.tracking_number, filed.id) == (None, filed.token)
    assert (await mine(desk))[0].token == filed.token
    assert filed.token is not None
    for _ in range(40):
        receipt = await desk.open311.receipt(filed.token)
        if receipt.service_request_id:
            break
        await asyncio.sleep(0.1)
    listed = (await mine(desk))[0]
    assert (listed.id, listed.tracking_number, listed.token) == (receipt.service_request_id,) * 2 + (None,)


async def test_a_blackbox_category_is_known_by_our_reference_alone(desk):
    filed = await desk.port.file(order(category_code="suggestion", reference="our-1"))
    assert (filed.id, filed.tracking_number, filed.token) == ("our-1", None, None)
    assert "our-1" not in {each.id for each in await mine(desk)}


async def test_an_anonymous_complaint_is_nobodys(desk):
    filed = await desk.port.file(order(person=None, location=None, address="光谷大道58号"))
    assert filed.id not in {each.id for each in await mine(desk)}
    assert (await desk.open311.request(filed.id)).address == "光谷大道58号"


@pytest.mark.parametrize(("locale", "message"), [("zh-CN", "请填写诉求内容"), ("en", "Please give the description")])
async def test_all_problems_come_at_once_each_at_its_field(desk, locale, message):
    calling(locale)
    bad = order(
        category_code="consumer_dispute",
        description="",
        location=None,
        email="nobody",
        phone="call me",
        photo_urls=("ftp://x",),
        name="n" * 101,
        attributes=(("colour", "red"),),
        reference="r" * 65,
    )
    with pytest.raises(Rejected) as caught:
        await desk.port.file(bad)
    problems = {problem.code: problem.path for problem in caught.value.problems}
    assert problems == {
        "DESCRIPTION_MISSING": ("description",),
        "LOCATION_MISSING": ("location",),
        "EMAIL_INVALID": ("email",),
        "PHONE_INVALID": ("phone",),
        "MEDIA_URL_INVALID": ("photo_urls",),
        "LAST_NAME_TOO_LONG": ("name",),
        "ATTRIBUTE_TOO_LONG": ("reference",),
        "ATTRIBUTE_UNKNOWN": ("attributes", "colour"),
        "ATTRIBUTE_MISSING": ("attributes", "merchant"),
    }
    assert caught.value.problems[0].message == message
    assert "nobody" not in str(caught.value)


async def test_an_unknown_category_is_refused_by_the_hotline(desk):
    with pytest.raises(Rejected) as caught:
        await desk.port.file(order(category_code="dragons"))
    assert [(each.code, each.path) for each in caught.value.problems] == [("SERVICE_CODE_UNKNOWN", ("category_code",))]


async def test_answers_to_a_categorys_questions_arrive(desk):
    definition = await desk.open311.definition("consumer_dispute")
    assert [each.code for each in definition.attributes if each.required] == ["merchant"]
    filed = await desk.port.file(order(category_code="consumer_dispute", attributes=(("merchant", "某健身房"),)))
    assert filed.tracking_number


async def test_an_update_that_an_agency_posts_moves_the_complaint(desk):
    filed = await desk.port.file(order(reference="our-1"))
    form = [
        ("service_request_id", filed.id),
        ("update_id", "agency-1"),
        ("status", "INTERNAL_REFERRAL"),
        ("updated_datetime", datetime.now(UTC).isoformat()),
        ("description", "Beyond our powers"),
    ]
    assert (await desk.open311.submit_update(form)).update_id == "agency-1"
    listed = (await mine(desk))[0]
    assert (listed.state, listed.state_note, listed.awaiting) == (
        ComplaintState.REFERRED,
        "Beyond our powers",
        "Guandong Neighbourhood Office",
    )
    steps = (await desk.port.updates([filed.id]))[filed.id]
    assert [each.state for each in steps] == [ComplaintState.RECEIVED, ComplaintState.REFERRED]


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ({"kind": "error"}, Unavailable),
        ({"kind": "inner_fault"}, Unavailable),
        ({"kind": "maintenance", "seconds": 90}, Maintenance),
        ({"kind": "quota", "calls": 0}, QuotaExceeded),
        ({"kind": "junk"}, BadReply),
        ({"kind": "drop"}, Interrupted),
    ],
)
async def test_misbehaviour_becomes_the_right_error(desk, scenario, error):
    await desk.play(**scenario)
    port = desk.port
    for operation, argument in (
        (port.categories, [Catalogue()]),
        (port.of_person, [RESIDENT]),
        (port.updates, ["26-1"]),
        (port.file, order()),
    ):
        with pytest.raises(AdapterError) as caught:
            await operation(argument)
        assert type(caught.value) is error
        if isinstance(caught.value, Maintenance):
            assert caught.value.until is not None
            assert 60 < (caught.value.until - datetime.now(UTC)).total_seconds() < 120


async def test_a_wrong_key_is_the_operators_matter(desk, running):
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        port = adapter.connect(transport, {"format": desk.written, "api_key": "s3cret"})["complaints"]
        for operation, argument in ((port.of_person, [RESIDENT]), (port.file, order())):
            with pytest.raises(Unauthorised) as caught:
                await operation(argument)
            assert "s3cret" not in str(caught.value)


def test_another_format_is_refused_when_connecting():
    with pytest.raises(ValueError, match="yaml"):
        adapter.connect(None, {"format": "yaml", "api_key": "x"})
