"""The header blocks of an X-Road SOAP message: written for a request, compared in its answer (PR-MESS 2.2)."""

from __future__ import annotations

import msgspec
from lxml import etree

from adapters.contract.errors import BadReply
from adapters.products.xroad.identifiers import Member, Service
from adapters.products.xroad.xml import element

PROTOCOL_VERSION = "4.0"
_XROAD = "{http://x-road.eu/xsd/xroad.xsd}"
_IDENTIFIERS = "{http://x-road.eu/xsd/identifiers}"
_REQUEST_HASH = f"{_XROAD}requestHash"
_PART_NAMES = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode", "serviceCode", "serviceVersion")
Parts = tuple[tuple[str, str], ...]
Field = tuple[str, str | None, str | Parts]
"""A block's name, its object type, and its text or the parts of its identifier."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says of itself."""

    client: Member
    service: Service
    id: str
    user_id: str | None
    issue: str | None

    def fields(self) -> tuple[Field, ...]:
        """The blocks in the order that they are sent in, which an answer must keep."""
        texts = (
            ("id", self.id),
            ("userId", self.user_id),
            ("issue", self.issue),
            ("protocolVersion", PROTOCOL_VERSION),
        )
        subsystem = "MEMBER" if self.client.subsystem is None else "SUBSYSTEM"
        return (
            ("client", subsystem, _parts(self.client)),
            ("service", "SERVICE", _parts(self.service.provider, self.service.code, self.service.version)),
            *((name, None, text) for name, text in texts if text is not None),
        )


def written(header: Header) -> str:
    """The blocks as XML, with the prefixes `xrd` and `id`."""
    return "".join(_block(*field) for field in header.fields())


def read(header: etree._Element) -> tuple[Field, ...]:
    """The X-Road blocks of a reply's header in their order, without the hash that the security server adds.

    Raises: BadReply for an identifier's part that is none.
    """
    blocks = [block for block in header if str(block.tag).startswith(_XROAD) and block.tag != _REQUEST_HASH]
    return tuple(_read_block(block) for block in blocks)


def _parts(member: Member, code: str | None = None, version: str | None = None) -> Parts:
    values = (member.instance, member.member_class, member.member_code, member.subsystem, code, version)
    return tuple((name, value) for name, value in zip(_PART_NAMES, values, strict=True) if value is not None)


def _block(name: str, object_type: str | None, value: str | Parts) -> str:
    if isinstance(value, str):
        return element(f"xrd:{name}", value)
    parts = "".join(element(f"id:{part}", text) for part, text in value)
    return f'<xrd:{name} id:objectType="{object_type}">{parts}</xrd:{name}>'


def _read_block(block: etree._Element) -> Field:
    name = str(block.tag).removeprefix(_XROAD)
    if not len(block):
        return (name, None, block.text or "")
    parts: list[tuple[str, str]] = []
    for part in block:
        if not str(part.tag).startswith(_IDENTIFIERS) or len(part):
            raise BadReply(f"the reply's header {name[:20]} has something else than an identifier's parts")
        parts.append((str(part.tag).removeprefix(_IDENTIFIERS), part.text or ""))
    return (name, block.get(f"{_IDENTIFIERS}objectType"), tuple(parts))
