"""X-Road's SOAP envelope: what is sent, what is believed, what a fault means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree

from adapters.contract.errors import AdapterError, BadReply, Rejected, TimedOut, Unauthorised, Unavailable
from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.products.xroad.identifiers import Member
from adapters.products.xroad.soap import SOAP, XROAD, Call, Fault, Provider, XRoadSoap
from adapters.products.xroad.xml import element

ID = "7f0c1a52-3f2e-4d6b-9a53-0b1f3f4b5c6d"
PRODUCER = "http://producer.example/"
Change = Callable[[str], str]


class Echo:
    """A provider that answers `answer` under the request's own header, after `change`."""

    def __init__(self, answer: str = "<output>bar</output>", change: Change = str, **reply: object) -> None:
        self._answer, self._change, self._reply = answer, change, reply
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Reply:
        self.sent.append(request)
        told = (request.body or b"").decode()
        body = re.sub(r"<ns:test>.*</ns:test>", lambda _: f"<ns:testResponse>{self._answer}</ns:testResponse>", told)
        changed = self._change(body).encode()
        return Reply(**{"status": 200, "headers": {}, "body": changed, **self._reply})  # type: ignore[arg-type]


def refused(faults: tuple[Fault, ...]) -> AdapterError:
    return Rejected(" ".join(fault.code for fault in faults))


def soap(transport: Echo, *, client: str = "CITY/GOV/1001/citygate", subject: str | None = "100000011") -> XRoadSoap:
    set_current_call(CallInfo(id=ID, operation="x", subject=subject, locale="en", at=datetime.now(UTC)))
    return XRoadSoap(
        transport,
        client=Member.parse(client),
        provider=Provider(Member.parse("CITY/GOV/3001/register"), "v1", PRODUCER),
        refused=refused,
    )


CALL = Call(code="test", body=element("input", "a & <b>"), issue="编号 7")


async def test_the_header_is_in_the_protocols_order_and_the_body_is_wrapped() -> None:
    transport = Echo()
    answer = await soap(transport).call(CALL)
    assert answer.findtext("output") == "bar"
    sent = transport.sent[0]
    assert (sent.method, sent.path, sent.headers["SOAPAction"]) == ("POST", "/", '""')
    root = etree.fromstring(sent.body or b"")
    header = root.find(f"{{{SOAP}}}Header")
    assert header is not None
    names = ["client", "service", "id", "userId", "issue", "protocolVersion"]
    assert [block.tag for block in header] == [f"{{{XROAD}}}{name}" for name in names]
    assert [part.text for part in header[1]] == ["CITY", "GOV", "3001", "register", "test", "v1"]
    assert [block.text for block in list(header)[2:]] == [ID, "CN100000011", "%E7%BC%96%E5%8F%B7%207", "4.0"]
    assert root.findtext(f"{{{SOAP}}}Body/{{{PRODUCER}}}test/input") == "a & <b>"


async def test_a_member_without_subsystem_and_a_call_without_person_are_sent_so() -> None:
    transport = Echo()
    await soap(transport, client="CITY/GOV/1001", subject=None).call(Call(code="test", body=""))
    told = (transport.sent[0].body or b"").decode()
    assert 'id:objectType="MEMBER"' in told
    assert "userId" not in told
    assert "issue" not in told


async def test_other_prefixes_white_space_the_hash_and_foreign_blocks_are_no_difference() -> None:
    def change(body: str) -> str:
        hashed = body.replace(
            "</soapenv:Header>", '<xrd:requestHash algorithmId="x">aGFzaA==</xrd:requestHash></soapenv:Header>'
        )
        foreign = hashed.replace("<soapenv:Header>", '<soapenv:Header><w:trace xmlns:w="urn:w">1</w:trace>')
        spaced = foreign.replace("<id:", "\n  <id:").replace("</xrd:client>", "\n</xrd:client>")
        return spaced.replace("xrd:", "q:").replace("xmlns:xrd", "xmlns:q")

    assert (await soap(Echo(change=change)).call(CALL)).findtext("output") == "bar"


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(ID, ID.replace("7", "8")),
        lambda body: body.replace("CN100000011", "CN100000022"),
        lambda body: body.replace("<id:memberCode>1001", "<id:memberCode>1002"),
        lambda body: body.replace('"SUBSYSTEM"', '"MEMBER"'),
        lambda body: body.replace("<id:serviceCode>test", "<id:serviceCode>rest"),
        lambda body: body.replace("<id:serviceVersion>v1</id:serviceVersion>", ""),
        lambda body: body.replace(">4.0<", ">4.1<"),
        lambda body: re.sub("<xrd:issue>.*</xrd:issue>", "", body),
        lambda body: re.sub("(<xrd:id>.*</xrd:id>)(<xrd:userId>.*</xrd:userId>)", r"\2\1", body),
        lambda body: re.sub("(<xrd:id>.*</xrd:id>)", r"\1\1", body),
        lambda body: body.replace("http://x-road.eu/xsd/xroad.xsd", "http://x-road.ee/xsd/xroad.xsd"),
        lambda body: re.sub("<soapenv:Header>.*</soapenv:Header>", "", body),
        lambda body: body.replace("<id:memberCode>1001", "<id:memberCode><b/>1001"),
        lambda body: body.replace("testResponse", "restResponse"),
        lambda body: body.replace(PRODUCER, "http://other.example/"),
        lambda body: body.replace("</ns:testResponse>", "</ns:testResponse><ns:testResponse/>"),
        lambda body: re.sub("<soapenv:Body>.*</soapenv:Body>", "<soapenv:Body/>", body),
        lambda body: re.sub("<soapenv:Body>.*</soapenv:Body>", "", body),
        lambda body: body.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope"),
    ],
)
async def test_an_answer_to_another_request_is_refused(change: Change) -> None:
    transport = Echo(change=change)
    with pytest.raises(BadReply):
        await soap(transport).call(CALL)


@pytest.mark.parametrize("kind", ['multipart/related; type="application/xop+xml"', "Multipart/Related; boundary=b"])
async def test_attachments_are_refused_by_name(kind: str) -> None:
    with pytest.raises(BadReply, match="attachments"):
        await soap(Echo(headers={"content-type": kind})).call(CALL)


async def test_all_faults_of_an_answer_reach_the_department() -> None:
    faults = "".join(
        f"<fault><faultCode>{code}</faultCode><faultString>secret</faultString></fault>" for code in ("A", "B")
    )
    with pytest.raises(Rejected, match="A B"):
        await soap(Echo(f"<output/>{faults}")).call(CALL)


async def test_a_fault_without_a_code_is_refused() -> None:
    with pytest.raises(BadReply, match="faultCode"):
        await soap(Echo("<fault><faultString>x</faultString></fault>")).call(CALL)


def technical(code: str) -> bytes:
    return (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><e:Fault><faultcode>{code}</faultcode>'
        "<faultstring>secret</faultstring></e:Fault></e:Body></e:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("Server.ServerProxy.AccessDenied", Unauthorised),
        ("e:Server", Unavailable),
        ("e:Client", Rejected),
        ("e:MustUnderstand", BadReply),
        ("", BadReply),
    ],
)
async def test_a_soap_fault_says_who_failed_and_its_text_stays_inside(code: str, error: type[AdapterError]) -> None:
    with pytest.raises(error) as caught:
        await soap(Echo(status=500, body=technical(code))).call(CALL)
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("status", "error"), [(503, Unavailable), (504, TimedOut), (401, Unauthorised)])
@pytest.mark.parametrize("body", [b"", b"<html/>", b"{}"])
async def test_a_failed_reply_that_is_no_soap_is_what_its_status_says(
    status: int, error: type[AdapterError], body: bytes
) -> None:
    with pytest.raises(error):
        await soap(Echo(status=status, body=body)).call(CALL)
