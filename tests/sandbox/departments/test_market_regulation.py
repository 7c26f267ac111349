"""The bureau's server and its adapter, over a real socket between real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
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
    NotFound,
    QuotaExceeded,
    Rejected,
    Unavailable,
)
from adapters.contract.manifest import read_manifest
from adapters.contract.ports.registrations import FormAnswer, RegistrationState, StartRegistration
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import PersonId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.departments.market_regulation.adapter import MarketRegulation, connect
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import build_city
from sandbox.departments.market_regulation.envelope import SERVICE
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.conformance.cases import DEPARTMENTS

NAME = "market_regulation"
CITY = build_city()
ENTREPRENEUR = PersonId(CITY.personas["entrepreneur"].id)
BUSY = PersonId(CITY.busy_person)
ENVELOPE = {"X-Road-Client": "CITY/GOV/1001/citygate", "Information-Mediator-Client": "CITY/GOV/1001/citygate"}


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME]) as city:
        yield city


@pytest.fixture
async def server(running: SandboxCity) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        await client.post("/_sandbox/reset")
        yield client


@pytest.fixture
async def bureau(running: SandboxCity, server: aiohttp.ClientSession) -> AsyncIterator[MarketRegulation]:
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        calling()
        port = connect(transport, options())["registrations"]
        assert isinstance(port, MarketRegulation)
        yield port


def options() -> dict[str, str]:
    manifest = read_manifest(DEPARTMENTS / NAME / "manifest.yaml")
    return {name: option.default or "" for name, option in manifest.options.items()}


def calling(subject: str | None = ENTREPRENEUR, locale: str = "en") -> None:
    set_current_call(
        CallInfo(id=str(uuid4()), operation="registrations", subject=subject, locale=locale, at=datetime.now(UTC))
    )


async def kind_id(bureau: MarketRegulation, name: str) -> str:
    found = await bureau.kinds([Catalogue()])
    return next(kind.id for kind in found[Catalogue()] if kind.name == name)


async def order(bureau: MarketRegulation, **changes: Any) -> StartRegistration:
    return StartRegistration(
        **{
            "person": ENTREPRENEUR,
            "kind_id": await kind_id(bureau, "Company registration"),
            "title": "光谷 & <Photonics>",
            "answers": answers(name="Optics", address="1 Gaoxin Avenue", capital="1000000"),
            **changes,
        }
    )


def answers(**values: str) -> tuple[FormAnswer, ...]:
    return tuple(FormAnswer(code=code, value=value) for code, value in values.items())


async def test_kinds_come_in_both_languages_with_a_form_that_can_be_read(
    bureau: MarketRegulation, server: aiohttp.ClientSession
) -> None:
    calling(None, "zh-CN")
    chinese = (await bureau.kinds([Catalogue()]))[Catalogue()]
    calling(None, "en")
    english = (await bureau.kinds([Catalogue()]))[Catalogue()]
    assert [kind.name for kind in chinese] == ["公司设立登记", "食品经营许可", "用人单位登记", "印章备案", "居住证"]
    assert [kind.id for kind in chinese] == [kind.id for kind in english]
    for kind in english:
        listed = await (await server.get(f"/r1/{SERVICE}/services/{kind.id}/eForms", headers=ENVELOPE)).json()
        form = await (await server.get(f"/r1/{SERVICE}/eForms/{kind.form_id}", headers=ENVELOPE)).json()
        assert listed[0]["eFormId"] == kind.form_id
        assert form["schema"]["required"]


async def test_each_persona_has_files_and_the_busy_person_fifty(bureau: MarketRegulation) -> None:
    persons = [PersonId(persona.id) for persona in CITY.personas.values()]
    found = await bureau.of_person(persons)
    assert all(len(found[person]) >= 2 for person in persons)
    assert len(found[BUSY]) == 50
    assert {each.state for each in found[BUSY]} == set(RegistrationState) - {RegistrationState.DRAFT}
    moments = [each.created_at for each in found[BUSY] if each.created_at]
    assert moments == sorted(moments, reverse=True)


async def test_a_stranger_has_no_files(bureau: MarketRegulation) -> None:
    assert await bureau.of_person([PersonId("999999999")]) == {"999999999": ()}


async def test_two_persons_cost_two_calls_and_kinds_one(
    bureau: MarketRegulation, server: aiohttp.ClientSession
) -> None:
    await bureau.of_person([ENTREPRENEUR, BUSY])
    await bureau.kinds([Catalogue()])
    counts = await (await server.get("/_sandbox/calls")).json()
    assert counts["operations"] == {"registrations.of_person": 2, "registrations.kinds": 1}


async def test_a_started_file_is_listed_and_a_repeated_reference_opens_no_second(bureau: MarketRegulation) -> None:
    before = await bureau.of_person([ENTREPRENEUR])
    wanted = await order(bureau, reference="filing 7/一", document_urls=("https://files.example.org/a.pdf",))
    first, again = await bureau.start(wanted), await bureau.start(wanted)
    after = await bureau.of_person([ENTREPRENEUR])
    assert first == again
    assert first.state is RegistrationState.PENDING
    assert first.title == "光谷 & <Photonics>"
    assert [each.id for each in after[ENTREPRENEUR]] == [first.id, *(each.id for each in before[ENTREPRENEUR])]


async def test_without_a_reference_a_retry_opens_a_second_file(bureau: MarketRegulation) -> None:
    wanted = await order(bureau)
    assert (await bureau.start(wanted)).id != (await bureau.start(wanted)).id


async def test_all_problems_of_a_form_come_at_once_and_name_the_order(bureau: MarketRegulation) -> None:
    bad = await order(
        bureau,
        title=" ",
        answers=answers(name="A", capital="-1", colour="red"),
        document_urls=("ftp://x",),
    )
    calling(locale="zh-CN")
    with pytest.raises(Rejected) as caught:
        await bureau.start(bad)
    assert {problem.path: problem.code for problem in caught.value.problems} == {
        ("title",): "REQUIRED",
        ("document_urls",): "INVALID_FORMAT",
        ("answers", "name"): "OUT_OF_RANGE",
        ("answers", "address"): "REQUIRED",
        ("answers", "capital"): "OUT_OF_RANGE",
        ("answers", "colour"): "UNKNOWN_FIELD",
    }
    assert caught.value.problems[0].message == "此项必填"


async def test_an_unknown_kind_is_not_found(bureau: MarketRegulation) -> None:
    with pytest.raises(NotFound):
        await bureau.start(await order(bureau, kind_id="nothing"))


@pytest.mark.parametrize("kind", ["..", ".", ""])
async def test_a_kind_that_would_be_another_path_is_never_sent(
    bureau: MarketRegulation, server: aiohttp.ClientSession, kind: str
) -> None:
    wanted = await order(bureau, kind_id=kind)
    await server.delete("/_sandbox/calls")
    with pytest.raises(NotFound):
        await bureau.start(wanted)
    assert (await (await server.get("/_sandbox/calls")).json())["total"] == 0


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ({"kind": "error"}, Unavailable),
        ({"kind": "inner_fault"}, Interrupted),
        ({"kind": "maintenance", "seconds": 90}, Maintenance),
        ({"kind": "quota", "calls": 0}, QuotaExceeded),
        ({"kind": "junk"}, BadReply),
        ({"kind": "lost_answer"}, Interrupted),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
async def test_misbehaviour_becomes_the_right_error(
    bureau: MarketRegulation, server: aiohttp.ClientSession, scenario: dict[str, object], error: type[AdapterError]
) -> None:
    await server.put("/_sandbox/scenario", json=scenario)
    with pytest.raises(error) as caught:
        await bureau.of_person([ENTREPRENEUR])
    assert type(caught.value) is error
    if isinstance(caught.value, Maintenance):
        assert caught.value.until is not None
        assert 80 < (caught.value.until - datetime.now(UTC)).total_seconds() < 100


async def test_the_register_logs_who_asked(bureau: MarketRegulation, server: aiohttp.ClientSession) -> None:
    await bureau.of_person([BUSY])
    reply = await server.get(f"/r1/{SERVICE}/v2/findUsage?userCode=CN{BUSY}", headers=ENVELOPE)
    found = await reply.json()
    assert found["totalUsages"] == 1
    assert found["usages"][0] | {"logtime": ""} == {
        "logtime": "",
        "action": "registrations.of_person",
        "receiverCode": "CITY/GOV/1001/citygate",
        "receiverName": "citygate",
        "receiverSystem": f"CN{ENTREPRENEUR}",
    }


@pytest.mark.parametrize(
    ("headers", "service", "status", "kind"),
    [
        ({}, SERVICE, 400, "Client.BadRequest"),
        ({"X-Road-Client": "CITY/GOV"}, SERVICE, 400, "Client.BadRequest"),
        ({"X-Road-Client": "CITY/COM/9/shop"}, SERVICE, 500, "Server.ServerProxy.AccessDenied"),
        (ENVELOPE, f"{SERVICE}x", 500, "Server.ServerProxy.UnknownService"),
    ],
)
async def test_xroad_refuses_what_is_not_for_this_service(
    server: aiohttp.ClientSession, headers: dict[str, str], service: str, status: int, kind: str
) -> None:
    reply = await server.get(f"/r1/{service}/services", headers=headers)
    assert (reply.status, reply.headers["X-Road-Error"]) == (status, kind)
    assert (await reply.json())["type"] == kind


async def test_an_operators_decision_and_a_supplement_change_the_file(
    bureau: MarketRegulation, server: aiohttp.ClientSession
) -> None:
    opened = await bureau.start(await order(bureau))
    task = f"/r1/{SERVICE}/tasks/{opened.id}/complete"
    sent_back = {"data": {"decision": {"code": "SENDBACK"}}}
    assert (await server.post(task, headers=ENVELOPE, json=sent_back)).status == 200
    found = {each.id: each for each in (await bureau.of_person([ENTREPRENEUR]))[ENTREPRENEUR]}
    assert found[opened.id].state is RegistrationState.SENT_BACK
    file = f"/r1/{SERVICE}/applications/{opened.id}"
    body = {"applicationName": "Optics", "formData": {"data": {"name": "Optics", "address": "2 Road", "capital": 5}}}
    assert (await server.put(file, headers=ENVELOPE, json=body)).status == 200
    assert (await server.put(file, headers=ENVELOPE, json=body)).status == 409
    found = {each.id: each for each in (await bureau.of_person([ENTREPRENEUR]))[ENTREPRENEUR]}
    assert found[opened.id].state is RegistrationState.PENDING


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 5000, b"\xff"])
async def test_a_body_that_is_no_object_is_a_bad_request(server: aiohttp.ClientSession, body: bytes) -> None:
    kind = (await (await server.get(f"/r1/{SERVICE}/services", headers=ENVELOPE)).json())[0]["id"]
    reply = await server.post(f"/r1/{SERVICE}/services/{kind}/applications", headers=ENVELOPE, data=body)
    assert (reply.status, (await reply.json())["code"]) == (400, "BAD_REQUEST")
