"""The X-Road message protocol 4.0 (PR-MESS): SOAP 1.1, document/literal wrapped, with X-Road's header blocks."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import msgspec
from lxml import etree

from adapters.contract.errors import AdapterError, BadReply
from adapters.contract.transport import Reply, Request, Transport, current_call, read_apart
from adapters.products.replies import error_for
from adapters.products.xroad.failures import failure
from adapters.products.xroad.header import Header, written
from adapters.products.xroad.header import read as read_header
from adapters.products.xroad.identifiers import Member, Service, message_id_of, user_id
from adapters.products.xroad.xml import content, needed, needed_text, only, parse, text

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:xrd="{XROAD}" xmlns:id="{IDENTIFIERS}" xmlns:ns="{{namespace}}">'
    "<soapenv:Header>{header}</soapenv:Header>"
    "<soapenv:Body><ns:{code}>{body}</ns:{code}></soapenv:Body>"
    "</soapenv:Envelope>"
)


class Provider(msgspec.Struct, frozen=True):
    """Whose services they are, their version, and the namespace of their WSDL."""

    member: Member
    version: str
    namespace: str


class Fault(msgspec.Struct, frozen=True):
    """A non-technical fault: the provider answered, and the answer is no.

    `until` and `retry_after` are elements that a provider may add, as it writes them.
    """

    code: str
    text: str
    until: str | None = None
    retry_after: str | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: `code` names it, `body` is the wrapper's content, escaped already.

    `issue` is our reference; `part` numbers the messages of one call from 0.
    """

    code: str
    body: str
    issue: str | None = None
    part: int = 0


class XRoadSoap:
    """A provider's SOAP services behind X-Road, as called by one consumer; `refused` says what its faults mean."""

    def __init__(
        self,
        transport: Transport,
        *,
        client: Member,
        provider: Provider,
        refused: Callable[[tuple[Fault, ...]], AdapterError],
    ) -> None:
        self._transport = transport
        self._client = client
        self._provider = provider
        self._refused = refused

    async def call(self, call: Call) -> etree._Element:
        """The response element.

        Raises: what the transport raises; what `failure` makes of a SOAP Fault and `refused` of a non-technical one;
        BadReply for a reply that is no SOAP, has attachments, or does not repeat the request's header.
        """
        header = self._header(call)
        envelope = _ENVELOPE.format(
            namespace=self._provider.namespace, header=written(header), code=call.code, body=call.body
        ).encode()
        headers = {"Content-Type": "text/xml; charset=UTF-8", "Accept": "text/xml", "SOAPAction": '""'}
        reply = await self._transport.send(Request(method="POST", path="/", headers=headers, body=envelope))
        root = await read_apart(reply, _envelope)
        body = needed(root, f"{{{SOAP}}}Body")
        fault = only(body, f"{{{SOAP}}}Fault")
        if fault is not None:
            raise failure(needed_text(fault, "faultcode").rpartition(":")[2])
        if reply.status != 200:
            raise error_for(reply)
        _verify(root, header)
        return self._answer(body, call)

    def _header(self, call: Call) -> Header:
        running = current_call()
        return Header(
            client=self._client,
            service=Service(self._provider.member, call.code, self._provider.version),
            id=message_id_of(running, call.part),
            user_id=user_id(running.user) if running.user is not None else None,
            issue=quote(call.issue, safe="/:") if call.issue is not None else None,
        )

    def _answer(self, body: etree._Element, call: Call) -> etree._Element:
        name = f"{{{self._provider.namespace}}}{call.code}Response"
        if len(body) != 1 or body[0].tag != name:
            raise BadReply(f"the reply's body is not one {call.code}Response")
        faults = tuple(_fault(each) for each in body[0].findall("fault"))
        if faults:
            raise self._refused(faults)
        return body[0]


def _envelope(reply: Reply) -> etree._Element:
    """A reply's envelope. Raises: what the status stands for where a failed reply is no SOAP; BadReply."""
    if reply.headers.get("content-type", "").lower().lstrip().startswith("multipart/"):
        raise BadReply("the reply has attachments (SwA or MTOM), which this gateway does not take")
    try:
        return _soap(parse(reply.body))
    except BadReply as exc:
        if reply.status == 200:
            raise
        raise error_for(reply) from exc


def _soap(root: etree._Element) -> etree._Element:
    if root.tag != f"{{{SOAP}}}Envelope":
        raise BadReply("the reply is no SOAP 1.1 envelope")
    return root


def _verify(root: etree._Element, sent: Header) -> None:
    block = only(root, f"{{{SOAP}}}Header")
    if block is None:
        raise BadReply("the reply has no SOAP header")
    if read_header(block) != sent.fields():
        raise BadReply("the reply's X-Road header is not the request's")


def _fault(found: etree._Element) -> Fault:
    return Fault(
        needed_text(found, "faultCode"),
        content(needed(found, "faultString")),
        until=text(found, "until"),
        retry_after=text(found, "retryAfter"),
    )
