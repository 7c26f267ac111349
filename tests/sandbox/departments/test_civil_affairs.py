"""The register's server and its adapter, over a real socket between real processes."""

from __future__ import annotations

import json
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
    QuotaExceeded,
    Rejected,
    Unauthorised,
    Unavailable,
)
from adapters.contract.manifest import read_manifest
from adapters.contract.ports.civil_affairs import Gender, Person, SuspensionReason
from adapters.contract.records import PersonId, Precision
from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.departments.civil_affairs.adapter import CivilAffairs, connect
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import build_city
from sandbox.launch import SandboxCity
from sandbox.personas import CONFIDENTIAL, DECEASED, UNDER_INVESTIGATION
from tests.asking import ReadAtOnce
from tests.conformance.cases import DEPARTMENTS

NAME = "civil_affairs"
CITY = build_city()
PARENT = PersonId(CITY.personas["parent"].id)
RESIDENT = PersonId(CITY.personas["resident"].id)
EVERYBODY = [PersonId(number) for number in CITY.persons]
EVERYTHING = frozenset(Person.__struct_fields__)


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
async def transport(running: SandboxCity, server: aiohttp.ClientSession) -> AsyncIterator[HttpTransport]:
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        calling()
        yield transport


@pytest.fixture
def bureau(transport: HttpTransport) -> CivilAffairs:
    return bureau_with(transport)


def bureau_with(transport: HttpTransport, **changed: str) -> CivilAffairs:
    port = connect(transport, options() | changed)["persons"]
    assert isinstance(port, CivilAffairs)
    return port


def options() -> dict[str, str]:
    manifest = read_manifest(DEPARTMENTS / NAME / "manifest.yaml")
    return {name: option.default for name, option in manifest.options.items() if option.default}


def calling(subject: str | None = PARENT, locale: str = "en") -> None:
    set_current_call(
        CallInfo(id=str(uuid4()), operation="persons.by_id", subject=subject, locale=locale, at=datetime.now(UTC))
    )


async def read(bureau: CivilAffairs, person: str, *fields: str) -> Person:
    return (await bureau.by_id([PersonId(person)], frozenset(fields)))[PersonId(person)]


async def calls(server: aiohttp.ClientSession) -> int:
    async with server.get("/_sandbox/calls") as answer:
        total: int = (await answer.json())["total"]
        return total


async def test_everybody_is_read_whole_in_as_few_calls_as_the_protocol_has(
    server: aiohttp.ClientSession, bureau: CivilAffairs
) -> None:
    found = await bureau.by_id(EVERYBODY, EVERYTHING)
    assert found.keys() == set(EVERYBODY)
    assert await calls(server) == -(-len(EVERYBODY) // 20)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
async def test_a_person_is_who_the_city_says(bureau: CivilAffairs, locale: str) -> None:
    calling(locale=locale)
    parent, known = await read(bureau, PARENT, *EVERYTHING), CITY.persons[PARENT]
    assert parent.name and parent.birth and parent.birth.date and parent.residence and parent.residence.address
    assert parent.name.full == known.name.get(locale)
    assert parent.gender is Gender.FEMALE
    assert parent.birth.date.value == known.birth.text
    assert parent.birth.place == known.birth_place.get(locale)
    assert parent.residence.address.lines[0] == known.address.text.get(locale)
    assert parent.residence.address.division_code == known.address.community
    assert [each.id for each in parent.children] == list(known.children)
    assert [each.name.full for each in parent.children if each.name] == [
        CITY.persons[child].name.get(locale) for child in known.children
    ]
    assert [each.id for each in parent.parents] == list(known.parents)
    assert known.marriage
    assert [each.partner.id for each in parent.marriages] == [known.marriage.partner]
    assert parent.nationalities == ({"en": "Chinese", "zh-CN": "中国"}[locale],)


async def test_every_persona_has_parents_and_an_age(bureau: CivilAffairs) -> None:
    personas = [PersonId(persona.id) for persona in CITY.personas.values()]
    found = await bureau.by_id(personas, frozenset({"parents.id", "age"}))
    assert all(len(each.parents) == 2 and each.age for each in found.values())
    assert len(found) == len(personas) == 7


async def test_only_what_is_selected_leaves_the_register(server: aiohttp.ClientSession, bureau: CivilAffairs) -> None:
    body = {"type": "RaadpleegMetBurgerservicenummer", "burgerservicenummer": [CONFIDENTIAL], "fields": ["leeftijd"]}
    async with server.post("/personen", json=body) as answer:
        (person,) = (await answer.json())["personen"]
    assert person.keys() == {"leeftijd", "geheimhoudingPersoonsgegevens"}
    assert await read(bureau, CONFIDENTIAL, "age") == Person(id=PersonId(CONFIDENTIAL), age=person["leeftijd"])
    assert (await read(bureau, CONFIDENTIAL, "secret")).secret


async def test_the_dead_are_found(bureau: CivilAffairs) -> None:
    dead = await read(bureau, DECEASED, "suspension", "deceased_on", "age", "birth.date")
    died = CITY.persons[DECEASED].died
    assert died and dead.deceased_on and dead.birth and dead.birth.date
    assert (dead.suspension, dead.deceased_on.value) == (SuspensionReason.DECEASED, died.isoformat())
    assert dead.age is None
    assert dead.birth.date.precision is Precision.UNKNOWN


async def test_doubts_come_with_what_is_doubted_and_only_then(bureau: CivilAffairs) -> None:
    asked = ("under_investigation", "birth.date", "name.full", "residence.address")
    doubted = await read(bureau, UNDER_INVESTIGATION, *asked)
    assert doubted.under_investigation == ("birth", "residence")
    assert doubted.birth and doubted.birth.date and doubted.birth.date.under_investigation
    assert doubted.name and not doubted.name.under_investigation
    assert (await read(bureau, UNDER_INVESTIGATION, "under_investigation", "name.full")).under_investigation == ()
    assert (await read(bureau, UNDER_INVESTIGATION, "under_investigation", "age")).under_investigation == ("age",)


async def test_the_city_has_every_kind_of_life(bureau: CivilAffairs) -> None:
    people = (await bureau.by_id(EVERYBODY, EVERYTHING)).values()
    abroad = [each for each in people if each.residence and each.residence.country]
    nowhere = [each for each in people if each.residence and not each.residence.address]
    assert [(each.suspension, each.residence and each.residence.country) for each in abroad] == [
        (SuspensionReason.EMIGRATED, "Canada")
    ]
    assert len(nowhere) == 1
    assert {name for each in people for name in each.nationalities} == {"Chinese", "Stateless", "Unknown nationality"}
    assert sum(each.secret for each in people) == 1
    assert sum(marriage.ended_on is not None for each in people for marriage in each.marriages) == 4
    precisions = {each.birth.date.precision for each in people if each.birth and each.birth.date}
    assert precisions == set(Precision)


async def test_whom_nobody_knows_is_absent(bureau: CivilAffairs) -> None:
    found = await bureau.by_id([PARENT, PersonId("999999999"), PersonId("12345")], frozenset({"age"}))
    assert found.keys() == {PARENT}


async def test_the_log_says_who_asked_about_whom_and_what_for(
    server: aiohttp.ClientSession, bureau: CivilAffairs
) -> None:
    await bureau.by_id([PARENT, PersonId("999999999")], frozenset({"age"}))
    async with server.get("/v2/findUsage", params={"userCode": PARENT}) as answer:
        found = await answer.json()
    (usage,) = found["usages"]
    assert found["totalUsages"] == 1
    assert (usage["action"], usage["receiverCode"]) == ("own-record", options()["client"])
    async with server.get("/_sandbox/usage") as answer:
        assert (await answer.json())["totalUsages"] == 1


async def test_a_call_carries_the_person_who_asks(server: aiohttp.ClientSession, bureau: CivilAffairs) -> None:
    await read(bureau, PARENT, "age")
    async with server.get("/_sandbox/calls", params={"detail": "1"}) as answer:
        (call,) = (await answer.json())["calls"]
    assert call["headers"]["x-gebruiker"] == PARENT
    assert call["headers"]["x-verwerking"] == "persons.by_id"


@pytest.mark.parametrize(
    ("scenario", "error", "wire_code"),
    [
        ({"kind": "error"}, Unavailable, "serverError"),
        ({"kind": "inner_fault"}, BadReply, None),
        ({"kind": "maintenance", "seconds": 120}, Maintenance, "notAvailable"),
        ({"kind": "quota", "calls": 0, "per": 60}, QuotaExceeded, "tooManyRequests"),
        ({"kind": "junk"}, BadReply, None),
        ({"kind": "drop"}, Interrupted, None),
    ],
)
async def test_each_misbehaviour_is_the_right_error(
    server: aiohttp.ClientSession,
    bureau: CivilAffairs,
    scenario: dict[str, Any],
    error: type[AdapterError],
    wire_code: str | None,
) -> None:
    await server.put("/_sandbox/scenario", json=scenario)
    with pytest.raises(AdapterError) as caught:
        await read(bureau, PARENT, "age")
    assert type(caught.value) is error
    assert caught.value.wire_code == wire_code
    if isinstance(caught.value, Maintenance):
        assert caught.value.until and 110 < (caught.value.until - datetime.now(UTC)).total_seconds() <= 121
    if isinstance(caught.value, QuotaExceeded):
        assert caught.value.retry_after and caught.value.retry_after <= 60


@pytest.mark.parametrize(
    ("key", "fields", "wire_code"),
    [("nobody's", {"age"}, "authentication"), ("sandbox-names-only", {"age", "children.id"}, "unauthorizedField")],
)
async def test_the_register_lets_in_whom_it_knows(
    transport: HttpTransport, key: str, fields: set[str], wire_code: str
) -> None:
    with pytest.raises(Unauthorised) as caught:
        await bureau_with(transport, api_key=key).by_id([PARENT], frozenset(fields))
    assert caught.value.wire_code == wire_code
    assert (await bureau_with(transport, api_key="sandbox-names-only").by_id([PARENT], frozenset({"age"})))[PARENT].age


async def test_a_refusal_reaches_the_caller_in_their_language(transport: HttpTransport) -> None:
    calling(locale="zh-CN")
    register = bureau_with(transport)._register
    with pytest.raises(Rejected) as caught:
        await register.by_numbers(["12345"], ["burgerservicenummer", "naam.bijnaam", "inOnderzoek"])
    assert [(each.code, each.path, each.message) for each in caught.value.problems] == [
        ("PATTERN", ("burgerservicenummer", "0"), "不符合格式 ^[0-9]{9}$"),
        ("FIELDS", ("fields", "1"), "字段不存在"),
        ("FIELDS", ("fields", "2"), "该字段自动提供，不得查询"),
    ]


class Refusing:
    """A register that finds fault with whatever it is asked."""

    async def send(self, request: Request) -> Reply:
        wrong = [{"name": name, "code": "pattern", "reason": "no"} for name in ("burgerservicenummer[2]", "fields[0]")]
        body = {"code": "paramsValidation", "invalidParams": wrong}
        return Reply(status=400, headers={}, body=json.dumps(body).encode())


async def test_a_problem_names_what_the_port_was_given() -> None:
    calling()
    port = connect(Refusing(), options())["persons"]
    assert isinstance(port, CivilAffairs)
    with pytest.raises(Rejected) as caught:
        await port.by_id([PARENT], frozenset({"age"}))
    assert [each.path for each in caught.value.problems] == [("persons", "2"), ("fields", "0")]


def test_an_unknown_order_of_names_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="backwards"):
        connect(Refusing(), options() | {"name_order": "backwards"})
