"""No damage to an answer of the bureau ever changes a record: it is refused, or it makes no difference."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from lxml import etree

from adapters.contract.errors import AdapterError
from adapters.contract.transport import Reply
from tests.conformance.cases import Case, cases
from tests.conformance.test_departments import Faulty, outcome

NAME = "public_security"
GOOD = [pytest.param(case, id=stem) for stem, case in cases(NAME) if case.error is None]
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


def damaged(envelope: bytes) -> Iterator[tuple[str, bytes]]:
    """The envelope once per element of its body and kind of damage."""
    root = etree.fromstring(envelope)
    body = root.find(f"{SOAP}Body")
    assert body is not None
    for at, found in enumerate(body.iter()):
        name = etree.QName(found).localname
        for damage in ("nested", "repeated", "renamed", "moved to a namespace"):
            spoilt = copy.deepcopy(root)
            target = spoilt.find(f"{SOAP}Body")
            assert target is not None
            element = list(target.iter())[at]
            _damage(element, damage)
            yield f"{name} {damage}", etree.tostring(spoilt)


def _damage(element: etree._Element, damage: str) -> None:
    parent = element.getparent()
    if damage == "nested":
        etree.SubElement(element, "unexpected").text = "7"
    elif damage == "repeated" and parent is not None:
        parent.append(copy.deepcopy(element))
    elif damage == "renamed":
        element.tag = f"{element.tag}X"
    else:
        element.tag = f"{{urn:other}}{etree.QName(element).localname}"


LISTS = frozenset({"line", "member", "ofPerson"})
UNCOUNTED = frozenset({"usage"})
"""What an answer may have any number of."""
OPTIONAL = frozenset({"birthDate", "readyBy", "documentUrl", "postalCode", "divisionCode", *LISTS})


@pytest.mark.parametrize("case", GOOD)
async def test_damage_is_refused_or_changes_nothing(case: Case) -> None:
    honest = case.record if case.records is None else case.records
    reply = case.exchanges[0].reply.to_reply()
    seen = 0
    for what, body in damaged(reply.body):
        name, _, damage = what.partition(" ")
        if name in OPTIONAL and damage not in ("nested",) and (name in LISTS or damage != "repeated"):
            continue  # the same as an absent one, or one more entry of a list
        if name in UNCOUNTED and damage == "repeated":
            continue
        seen += 1
        try:
            result = await outcome(NAME, case, Faulty(case, 0, Reply(status=200, headers={}, body=body)))
        except AdapterError:
            continue
        assert result == honest, what
    assert seen
