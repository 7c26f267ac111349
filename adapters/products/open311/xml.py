"""Reads a GeoReport XML document as plain data, within bounds and without entities or network."""

from __future__ import annotations

from typing import Any

from lxml import etree

from adapters.contract.errors import BadReply

_LISTS = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
}


def read_xml(body: bytes, root: str) -> Any:
    """A document whose element is `root`, or `errors`, as lists and dictionaries of texts; an empty element is None.

    Raises: BadReply for what is not well-formed, has a DOCTYPE, or has another element than GeoReport's.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        element = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise BadReply("the reply is not XML") from exc
    if element.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs lacks it
        raise BadReply("the reply has a DOCTYPE")
    if element.tag not in {root, "errors"}:
        raise BadReply(f"the reply's element is not {root}")
    data = _plain(element)
    return {"errors": data} if element.tag == "errors" else data


def _plain(element: etree._Element) -> Any:
    if element.tag in _LISTS:
        return [_item(child, _LISTS[element.tag]) for child in element]
    if not len(element):
        return element.text
    found: dict[str, Any] = {}
    for child in element:
        if child.tag in found:
            raise BadReply(f"the reply repeats {_name(child)} in {_name(element)}")
        found[str(child.tag)] = _plain(child)
    return found


def _item(element: etree._Element, expected: str) -> Any:
    if element.tag != expected:
        raise BadReply(f"the reply has {_name(element)} in place of {expected}")
    return _plain(element) or {}


def _name(element: etree._Element) -> str:
    """The element's name where it is one of few letters; a name is the department's, but may be anything."""
    name = str(element.tag)
    return name if len(name) <= 40 and name.replace("_", "").isalnum() else "an unknown element"
