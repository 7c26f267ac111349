"""From the bureau's elements to the city's records: pure functions, strict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from lxml import etree

from adapters.contract.errors import BadReply
from adapters.contract.operations import FieldSet
from adapters.contract.ports.civil_affairs import Extract, ExtractState, Household, HouseholdMember, RequestExtract
from adapters.contract.records import Address, PersonId
from adapters.departments.public_security.requests import TYPES
from adapters.products.xroad.xml import content, local, needed, needed_text, text
from adapters.products.xroad.xsd import moment, partial_date

Word = TypeVar("Word")
ADDRESS = "{http://public-security.city.example/address}"
KINDS = {"FAMILY": "family", "COLLECTIVE": "collective"}
RELATIONS = {
    name: name.lower()
    for name in ("HEAD", "SPOUSE", "CHILD", "PARENT", "SIBLING", "GRANDCHILD", "GRANDPARENT", "OTHER")
}
STATES = {"REQUESTED": ExtractState.REQUESTED, "READY": ExtractState.READY}


def to_households(reply: etree._Element, asked: Sequence[PersonId], fields: FieldSet) -> dict[PersonId, Household]:
    """Households, as selected, by the persons who were asked for; a person in none is absent. Raises: BadReply."""
    found: dict[PersonId, Household] = {}
    for raw in _counted(reply, "household"):
        household = _household(raw, fields)
        for person in _members_asked_for(raw, asked):
            if person in found:
                raise BadReply("household/ofPerson names a person in two households")
            found[person] = household
    return found


def to_extracts(
    reply: etree._Element, asked: Sequence[PersonId], zone: ZoneInfo, fields: FieldSet
) -> dict[PersonId, tuple[Extract, ...]]:
    """Each person's extracts, newest first; none is an empty tuple. Raises: BadReply."""
    found: dict[PersonId, list[Extract]] = {person: [] for person in asked}
    for raw in _counted(reply, "extract"):
        found[_person(raw, asked)].append(_extract(raw, zone, fields))
    return {
        person: tuple(sorted(each, key=lambda extract: extract.requested_at, reverse=True))
        for person, each in found.items()
    }


def to_requested(reply: etree._Element, order: RequestExtract, zone: ZoneInfo) -> Extract:
    """The extract just asked for. Raises: BadReply when it is about somebody or something else."""
    raw = needed(reply, "extract")
    _person(raw, [order.person])
    extract = _extract(raw, zone, Extract.personal)
    if extract.kind is not order.kind:
        raise BadReply("extract/extractType is not the order's kind")
    return extract


def _household(raw: etree._Element, fields: FieldSet) -> Household:
    members = tuple(_member(member, fields) for member in raw.findall("member"))
    if not members:
        raise BadReply("household/member is absent")
    return Household(
        number=needed_text(raw, "number") if "number" in fields else None,
        kind=_one_of(raw, "kind", KINDS) if "kind" in fields else None,
        address=_address(needed(raw, f"{ADDRESS}address")) if "address" in fields else None,
        members=members,
    )


def _address(raw: etree._Element) -> Address:
    lines = tuple(filter(None, (content(line) for line in raw.findall(f"{ADDRESS}line"))))
    if not lines:
        raise BadReply("address/line is absent")
    return Address(
        lines=lines,
        postal_code=text(raw, f"{ADDRESS}postalCode"),
        division_code=text(raw, f"{ADDRESS}divisionCode"),
    )


def _member(raw: etree._Element, fields: FieldSet) -> HouseholdMember:
    born = text(raw, "birthDate") if "members.birth_date" in fields else None
    return HouseholdMember(
        name=needed_text(raw, "name") if "members.name" in fields else None,
        relation=_one_of(raw, "relation", RELATIONS) if "members.relation" in fields else None,
        birth_date=None if born is None else partial_date(born, "member/birthDate"),
    )


def _extract(raw: etree._Element, zone: ZoneInfo, fields: FieldSet) -> Extract:
    ready_by = text(raw, "readyBy")
    return Extract(
        id=needed_text(raw, "id"),
        kind=_one_of(raw, "extractType", TYPES),
        state=_one_of(raw, "state", STATES),
        requested_at=moment(needed_text(raw, "requestedAt"), "extract/requestedAt", zone),
        ready_by=None if ready_by is None else moment(ready_by, "extract/readyBy", zone),
        document_url=text(raw, "documentUrl") if "document_url" in fields else None,
    )


def _counted(reply: etree._Element, name: str) -> list[etree._Element]:
    """All elements of a list, as many as the reply says: an empty one is no silent error."""
    found = reply.findall(name)
    if needed_text(reply, "count") != str(len(found)):
        raise BadReply(f"{local(reply.tag)}/count is not the number of its {name} elements")
    return found


def _members_asked_for(household: etree._Element, asked: Sequence[PersonId]) -> list[PersonId]:
    found = [PersonId(content(each)) for each in household.findall("ofPerson")]
    if not found or not set(found) <= set(asked):
        raise BadReply("household/ofPerson is not among the persons that were asked for")
    return found


def _person(extract: etree._Element, asked: Sequence[PersonId]) -> PersonId:
    found = PersonId(needed_text(extract, "personCode"))
    if found not in asked:
        raise BadReply("extract/personCode is not among the persons that were asked for")
    return found


def _one_of(raw: etree._Element, name: str, words: dict[str, Word]) -> Word:
    found = words.get(needed_text(raw, name))
    if found is None:
        raise BadReply(f"{local(raw.tag)}/{name} is none of {', '.join(words)}")
    return found
