"""XML as X-Road's SOAP messages need it: written with exact escaping, read within bounds and without entities."""

from __future__ import annotations

import re

from lxml import etree

from adapters.contract.errors import BadReply, Rejected

LARGEST = 2 * 1024 * 1024
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOT_A_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def escaped(text: str) -> str:
    """The text as an element's content that reads back as it was.

    Raises: Rejected for a character that XML 1.0 cannot carry, not even escaped.
    """
    if _NOT_A_CHARACTER.search(text):
        raise Rejected("a text has a character that XML 1.0 does not allow")
    return "".join(_ESCAPES.get(char, char) for char in text)


def element(name: str, text: str) -> str:
    """An element with a text. Raises: Rejected, as `escaped`."""
    return f"<{name}>{escaped(text)}</{name}>"


def parse(body: bytes) -> etree._Element:
    """A document's root.

    Raises: BadReply for what is not well-formed, has a DOCTYPE, is nested more than 256 deep (libxml2's limit) or
    larger than `LARGEST`.
    """
    if len(body) > LARGEST:
        raise BadReply(f"the reply has {len(body)} bytes, XML may have {LARGEST}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise BadReply("the reply is not XML") from exc
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs lacks it
        raise BadReply("the reply has a DOCTYPE")
    return root


def only(parent: etree._Element, name: str) -> etree._Element | None:
    """The child of that name; None where it is absent or nil. Raises: BadReply when it is repeated."""
    found = parent.findall(name)
    if len(found) > 1:
        raise BadReply(f"{local(parent.tag)}/{local(name)} is repeated")
    return found[0] if found and found[0].get(NIL) not in ("true", "1") else None


def needed(parent: etree._Element, name: str) -> etree._Element:
    """The child of that name. Raises: BadReply when it is absent, nil or repeated."""
    found = only(parent, name)
    if found is None:
        raise BadReply(f"{local(parent.tag)}/{local(name)} is absent")
    return found


def text(parent: etree._Element, name: str) -> str | None:
    """A child's text without the white space around it; None where the child is absent, nil or empty.

    Raises: BadReply when the child is repeated or has children.
    """
    found = only(parent, name)
    return None if found is None else content(found) or None


def needed_text(parent: etree._Element, name: str) -> str:
    """A child's text, not empty. Raises: BadReply."""
    found = text(parent, name)
    if found is None:
        raise BadReply(f"{local(parent.tag)}/{local(name)} is absent or empty")
    return found


def content(leaf: etree._Element) -> str:
    """An element's text without the white space around it. Raises: BadReply when it has children."""
    if len(leaf):
        raise BadReply(f"{local(leaf.tag)} has elements in place of a text")
    return (leaf.text or "").strip()


def local(name: object) -> str:
    """A name without its namespace."""
    return str(name).rpartition("}")[2][:60]
