"""The provider's side of X-Road's message protocol 4.0: what the security servers check and add."""

import base64
import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from lxml import etree
from starlette.responses import Response

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
REGISTER = "http://public-security.city.example/household-register"
ADDRESS = "http://public-security.city.example/address"
DUMONITOR = "http://dumonitor.x-road.eu/producer"
PROVIDER = ("CITY", "GOV", "3001", "household-register")
VERSION = "v1"
_CLIENTS = ("CITY", "GOV")
_NEEDED = ("client", "service", "id", "protocolVersion")
_SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
_PREFIXES = {"soapenv": SOAP, "xrd": XROAD, "id": IDENTIFIERS, "reg": REGISTER, "adr": ADDRESS}


class Faulty(Exception):
    """A message that is answered with a SOAP Fault."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text

    def response(self) -> Response:
        """The SOAP Fault, HTTP 500."""
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
        fault = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
        put(fault, "faultcode", self.code)
        put(fault, "faultstring", self.text)
        put(fault, "faultactor", "")
        put(put(fault, "detail"), "faultDetail", str(uuid4()))
        return _xml(envelope, 500)


@dataclass(frozen=True, slots=True)
class Message:
    """A request: its header blocks, and the wrapper that names the operation."""

    raw: bytes
    header: etree._Element
    wrapper: etree._Element

    @property
    def operation(self) -> str:
        """The service code."""
        return etree.QName(self.wrapper).localname

    def block(self, name: str) -> str:
        """A header block's text; empty where it is absent."""
        return (self.header.findtext(f"{{{XROAD}}}{name}") or "").strip()

    def identifier(self, name: str) -> tuple[str, ...]:
        """The parts of a header block's identifier."""
        block = self.header.find(f"{{{XROAD}}}{name}")
        return () if block is None else tuple((part.text or "").strip() for part in block)

    def value(self, name: str) -> str:
        """A parameter's text; empty where it is absent."""
        return self.wrapper.findtext(name) or ""

    def values(self, name: str) -> list[str]:
        """The texts of a parameter that repeats."""
        return [each.text or "" for each in self.wrapper.findall(name)]

    def answer(self, fill: Sequence[etree._Element] = ()) -> Response:
        """The response element with what `fill` holds, under the request's header and its hash."""
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap=dict(_PREFIXES))
        header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
        header.extend(copy.deepcopy(block) for block in self.header)
        digest = put(header, f"{{{XROAD}}}requestHash", base64.b64encode(hashlib.sha512(self.raw).digest()).decode())
        digest.set("algorithmId", _SHA512)
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        etree.SubElement(body, f"{self.wrapper.tag}Response").extend(fill)
        return _xml(envelope)


def put(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """A new child with a text."""
    child = etree.SubElement(parent, name)
    child.text = text
    return child


def read_message(raw: bytes, content_type: str) -> Message:
    """A request as the security servers let it through. Raises: Faulty."""
    if not content_type.lower().startswith("text/xml"):
        raise Faulty("Client.InvalidContentType", "Invalid content type, expected text/xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Faulty("Client.InvalidXml", "Malformed SOAP message: not XML") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs lacks it
        raise Faulty("Client.InvalidXml", "Malformed SOAP message: DOCTYPE is not allowed")
    header, body = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or not len(body):
        raise Faulty("Client.MissingBody", "Malformed SOAP message: body missing")
    if header is None:
        raise Faulty("Client.MissingHeader", "Malformed SOAP message: header missing")
    message = Message(raw, header, body[0])
    _check(message)
    return message


def _check(message: Message) -> None:
    for name in _NEEDED:
        if message.header.find(f"{{{XROAD}}}{name}") is None:
            raise Faulty("Client.MissingHeaderField", f"Required field '{name}' is missing")
    if not message.block("protocolVersion").startswith("4."):
        raise Faulty("Client.InvalidProtocolVersion", "Message protocol version does not match supported (4.x)")
    client, service = message.identifier("client"), message.identifier("service")
    if service[:4] != PROVIDER or service[5:] not in ((), (VERSION,)):
        raise Faulty("Server.ServerProxy.UnknownService", f"Unknown service: SERVICE:{'/'.join(service)}")
    if client[:2] != _CLIENTS or len(client) not in (3, 4):
        raise Faulty("Server.ServerProxy.AccessDenied", f"Request is not allowed: SERVICE:{'/'.join(service)}")
    if service[4:5] != (message.operation,):
        raise Faulty("Client.InvalidBody", "Malformed SOAP message: body does not match the service code")


def _xml(envelope: etree._Element, status: int = 200) -> Response:
    body = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return Response(body, status_code=status, media_type="text/xml; charset=UTF-8")
