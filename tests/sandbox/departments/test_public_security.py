"""The bureau's server and its adapters, over a real socket between real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from lxml import etree
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    QuotaExceeded,
    Rejected,
    Unavailable,
)
from adapters.contract.manifest import read_manifest
from adapters.contract.ports.civil_affairs import ExtractKind, ExtractState, RequestExtract
from adapters.contract.records import PersonId
from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.departments.public_security.adapter import ExtractOffice, HouseholdRegister, connect
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import build_city
from sandbox.departments.public_security.soap import ADDRESS, DUMONITOR, REGISTER, SOAP
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.conformance.cases import DEPARTMENTS

NAME = "public_security"
CITY = build_city()
PARENT = PersonId(CITY.personas["parent"].id)
ENTREPRENEUR = PersonId(CITY.personas["entrepreneur"].id)
BUSY = PersonId(CITY.busy_person)
XML = {"Content-Type": "text/xml; charset=UTF-8"}
XS = "{http://www.w3.org/2001/XMLSchema}"


class Recording:
    """The real transport, remembering what went through it."""

    def __init__(self, inner: HttpTransport) -> None:
        self._inner = inner
        self.exchanges: list[tuple[Request, Reply]] = []

    async def send(self, request: Request) -> Reply:
        reply = await self._inner.send(request)
        self.exchanges.append((request, reply))
        return reply


class Bureau:
    """Both ports over one transport."""

    def __init__(self, transport: Recording) -> None:
        self.transport = transport
        ports = connect(transport, options())
        households, extracts = ports["households"], ports["extracts"]
        assert isinstance(households, HouseholdRegister)
        assert isinstance(extracts, ExtractOffice)
        self.households, self.extracts = households, extracts


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
async def bureau(running: SandboxCity, server: aiohttp.ClientSession) -> AsyncIterator[Bureau]:
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        calling()
        yield Bureau(Recording(transport))


def options() -> dict[str, str]:
    manifest = read_manifest(DEPARTMENTS / NAME / "manifest.yaml")
    return {name: option.default or "" for name, option in manifest.options.items()}


def calling(subject: str = PARENT, locale: str = "en") -> None:
    set_current_call(CallInfo(id=str(uuid4()), operation="x", subject=subject, locale=locale, at=datetime.now(UTC)))


def schema(wsdl: etree._Element, folder: Path) -> etree.XMLSchema:
    """The schema of what the WSDL says is in a body."""
    written: dict[str, str] = {}
    for each in wsdl.iter(f"{XS}schema"):
        namespace = each.get("targetNamespace")
        if namespace:
            written[namespace] = f"{len(written)}.xsd"
            for imported in each.iter(f"{XS}import"):
                imported.set("schemaLocation", written[str(imported.get("namespace"))])
            (folder / written[namespace]).write_bytes(etree.tostring(each))
    return etree.XMLSchema(etree.parse(folder / written[REGISTER]))


def body_of(envelope: bytes | None) -> etree._Element:
    body = etree.fromstring(envelope or b"").find(f"{{{SOAP}}}Body")
    assert body is not None
    return body[0]


async def test_a_household_comes_with_its_members_and_the_divisions_of_its_address(bureau: Bureau) -> None:
    calling(locale="zh-CN")
    found = await bureau.households.of_person([PARENT])
    household, known = found[PARENT], CITY.household_of(PARENT)
    assert known is not None
    assert household.number == known.id
    assert household.address is not None
    assert household.address.division_code == known.address.community
    assert household.address.lines[1].endswith("社区")
    assert household.address.lines[-1].endswith("区")
    relations = sorted(str(member.relation) for member in household.members)
    assert relations == sorted(["head", "spouse", *["child"] * (len(known.members) - 2)])
    assert {member.name for member in household.members} == {CITY.persons[each].name.zh for each in known.members}


async def test_everybody_of_the_city_is_read_in_a_few_calls(bureau: Bureau, server: aiohttp.ClientSession) -> None:
    persons = [PersonId(person) for person in CITY.persons]
    found = await bureau.households.of_person(persons)
    assert set(found) == {member for household in CITY.households for member in household.members}
    counts = await (await server.get("/_sandbox/calls")).json()
    assert counts["operations"] == {"households.of_person": -(-len(persons) // 50)}


async def test_a_stranger_and_a_dead_person_are_in_no_household(bureau: Bureau) -> None:
    dead = next(PersonId(person.id) for person in CITY.persons.values() if person.died)
    assert await bureau.households.of_person([PersonId("999999999"), dead]) == {}


async def test_each_persona_has_extracts_and_the_busy_person_fifty(bureau: Bureau) -> None:
    persons = [PersonId(persona.id) for persona in CITY.personas.values()]
    found = await bureau.extracts.of_person(persons)
    assert all(len(found[person]) >= 2 for person in persons)
    assert len(found[BUSY]) == 50
    assert {extract.state for extract in found[BUSY]} == set(ExtractState)
    assert {extract.kind for extract in found[BUSY]} == set(ExtractKind)
    moments = [extract.requested_at for extract in found[BUSY]]
    assert moments == sorted(moments, reverse=True)
    assert all((extract.document_url is not None) == (extract.state is ExtractState.READY) for extract in found[BUSY])
    assert {moment.utcoffset() for moment in moments} == {timedelta(hours=8)}


async def test_an_extract_is_listed_afterwards_and_a_repeated_reference_makes_no_second(bureau: Bureau) -> None:
    order = RequestExtract(
        person=PARENT, kind=ExtractKind.HOUSEHOLD, purpose='School "A" & <B> ]]> \r\n入学 𝄞', reference="filing 7/一"
    )
    before = (await bureau.extracts.of_person([PARENT]))[PARENT]
    first, again = await bureau.extracts.request(order), await bureau.extracts.request(order)
    after = (await bureau.extracts.of_person([PARENT]))[PARENT]
    assert first == again
    assert first.state is ExtractState.REQUESTED
    assert abs(first.requested_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert [each.id for each in after] == [first.id, *(each.id for each in before)]
    sent = body_of(bureau.transport.exchanges[1][0].body)
    assert sent.findtext("purpose") == order.purpose, "the purpose reads back as it was written"


async def test_without_a_reference_a_retry_makes_a_second(bureau: Bureau) -> None:
    order = RequestExtract(person=PARENT, kind=ExtractKind.RESIDENCE, purpose="School")
    assert (await bureau.extracts.request(order)).id != (await bureau.extracts.request(order)).id


async def test_all_problems_come_at_once_in_the_callers_language(bureau: Bureau) -> None:
    calling(locale="zh-CN")
    order = RequestExtract(person=PersonId("999999999"), kind=ExtractKind.HOUSEHOLD, purpose="抵押" * 60)
    with pytest.raises(Rejected) as caught:
        await bureau.extracts.request(order)
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [
        ("PERSON_UNKNOWN", ("person",)),
        ("PURPOSE_TOO_LONG", ("purpose",)),
        ("PURPOSE_NOT_ALLOWED", ("purpose",)),
    ]
    assert caught.value.problems[0].message == "查无此人"


async def test_a_dead_person_gets_no_extract(bureau: Bureau) -> None:
    dead = next(PersonId(person.id) for person in CITY.persons.values() if person.died)
    with pytest.raises(Rejected) as caught:
        await bureau.extracts.request(RequestExtract(person=dead, kind=ExtractKind.HOUSEHOLD, purpose=" "))
    assert [problem.code for problem in caught.value.problems] == ["PERSON_DECEASED", "PURPOSE_MISSING"]


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ({"kind": "error"}, Interrupted),
        ({"kind": "inner_fault"}, Unavailable),
        ({"kind": "maintenance", "seconds": 90}, Maintenance),
        ({"kind": "quota", "calls": 0}, QuotaExceeded),
        ({"kind": "junk"}, BadReply),
        ({"kind": "lost_answer"}, Interrupted),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
async def test_misbehaviour_becomes_the_right_error(
    bureau: Bureau, server: aiohttp.ClientSession, scenario: dict[str, object], error: type[AdapterError]
) -> None:
    await server.put("/_sandbox/scenario", json=scenario)
    with pytest.raises(error) as caught:
        await bureau.households.of_person([PARENT])
    assert type(caught.value) is error
    if isinstance(caught.value, QuotaExceeded):
        assert caught.value.retry_after == 60
    if isinstance(caught.value, Maintenance):
        assert caught.value.until is not None
        assert 80 < (caught.value.until - datetime.now(UTC)).total_seconds() < 100


async def test_requests_and_answers_fit_the_served_wsdl(
    bureau: Bureau, server: aiohttp.ClientSession, tmp_path: Path
) -> None:
    wsdl = etree.fromstring(await (await server.get("/?wsdl")).read())
    valid = schema(wsdl, tmp_path)
    await bureau.households.of_person([PersonId(person) for person in CITY.persons])
    await bureau.extracts.of_person([BUSY, ENTREPRENEUR])
    await bureau.extracts.request(RequestExtract(person=PARENT, kind=ExtractKind.HOUSEHOLD, purpose="School"))
    with pytest.raises(Rejected):
        await bureau.extracts.request(RequestExtract(person=PARENT, kind=ExtractKind.HOUSEHOLD, purpose=""))
    await server.put("/_sandbox/scenario", json={"kind": "maintenance"})
    with pytest.raises(Maintenance):
        await bureau.extracts.of_person([BUSY])
    await server.put("/_sandbox/scenario", json={"kind": "quota", "calls": 0})
    with pytest.raises(QuotaExceeded):
        await bureau.extracts.of_person([BUSY])
    assert len(bureau.transport.exchanges) >= 10
    for request, reply in bureau.transport.exchanges:
        for envelope in (request.body, reply.body):
            valid.assertValid(body_of(envelope))
    broken = body_of(bureau.transport.exchanges[0][1].body)
    broken.remove(broken[0])
    assert not valid.validate(broken), "the schema can refuse"
    assert etree.QName(broken[0].find(f"{{{ADDRESS}}}address")).namespace == ADDRESS


async def test_the_address_in_the_wsdl_cannot_break_it(server: aiohttp.ClientSession) -> None:
    reply = await server.get("/?wsdl", headers={"Host": 'a"<b&c'})
    address = etree.fromstring(await reply.read()).find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert address.get("location", "").startswith("http://")


def message(body: str, *, code: str = "findUsage", namespace: str = DUMONITOR, **changes: str) -> bytes:
    blocks: Mapping[str, str] = {
        "client": "<id:xRoadInstance>CITY</id:xRoadInstance><id:memberClass>GOV</id:memberClass>"
        "<id:memberCode>1001</id:memberCode>",
        "service": "<id:xRoadInstance>CITY</id:xRoadInstance><id:memberClass>GOV</id:memberClass>"
        "<id:memberCode>3001</id:memberCode><id:subsystemCode>household-register</id:subsystemCode>"
        f"<id:serviceCode>{code}</id:serviceCode><id:serviceVersion>v1</id:serviceVersion>",
        "id": "m-1",
        "userId": f"CN{PARENT}",
        "protocolVersion": "4.0",
        **changes,
    }
    header = "".join(f"<xrd:{name}>{value}</xrd:{name}>" for name, value in blocks.items() if value)
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:xrd="http://x-road.eu/xsd/xroad.xsd"'
        f' xmlns:id="http://x-road.eu/xsd/identifiers" xmlns:n="{namespace}"><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


async def test_the_register_logs_who_asked(bureau: Bureau, server: aiohttp.ClientSession) -> None:
    await bureau.households.of_person([PARENT, BUSY])
    await bureau.extracts.of_person([PARENT])
    reply = await server.post("/", data=message("<n:findUsage><limit>5</limit></n:findUsage>"), headers=XML)
    answer = body_of(await reply.read())
    assert answer.tag == f"{{{DUMONITOR}}}findUsageResponse"
    assert [(each.findtext("action"), each.findtext("receiver")) for each in answer] == [
        ("extracts.of_person", "CITY/GOV/1001/citygate"),
        ("households.of_person", "CITY/GOV/1001/citygate"),
    ]


FIND = "<n:findUsage/>"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "Client.InvalidXml"),
        (b"<a>" * 5000, "Client.InvalidXml"),
        (b'<!DOCTYPE x [<!ENTITY e "1">]>' + message(FIND), "Client.InvalidXml"),
        (b"<a/>", "Client.MissingBody"),
        (message(""), "Client.MissingBody"),
        (message(FIND, id=""), "Client.MissingHeaderField"),
        (message(FIND, protocolVersion="3.1"), "Client.InvalidProtocolVersion"),
        (message(FIND, client="<id:xRoadInstance>EE</id:xRoadInstance>"), "Server.ServerProxy.AccessDenied"),
        (message(FIND, service="<id:xRoadInstance>EE</id:xRoadInstance>"), "Server.ServerProxy.UnknownService"),
        (message("<n:other/>", code="other"), "Server.ServerProxy.UnknownService"),
        (message(FIND, code="listExtracts"), "Client.InvalidBody"),
        (message("<n:listExtracts/>", code="listExtracts", namespace=REGISTER), "Client.InvalidBody"),
        (message("<n:findUsage><limit>-1</limit></n:findUsage>"), "Client.InvalidBody"),
    ],
)
async def test_what_xroad_refuses_is_a_soap_fault(server: aiohttp.ClientSession, sent: bytes, code: str) -> None:
    reply = await server.post("/", data=sent, headers=XML)
    assert reply.status == 500
    assert body_of(await reply.read()).findtext("faultcode") == code


async def test_attachments_are_refused(server: aiohttp.ClientSession) -> None:
    reply = await server.post("/", data=message(FIND), headers={"Content-Type": "multipart/related; boundary=b"})
    assert body_of(await reply.read()).findtext("faultcode") == "Client.InvalidContentType"
