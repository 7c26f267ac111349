"""What the bureau's answers are made of."""

from collections.abc import Sequence

from lxml import etree

from sandbox.departments.public_security.register import Extract, Problem, Register
from sandbox.departments.public_security.soap import ADDRESS, put
from sandbox.kit import Usage
from sandbox.records import Household


def counted(filled: Sequence[etree._Element]) -> etree._Element:
    """How many entries follow."""
    element = etree.Element("count")
    element.text = str(len(filled))
    return element


def household_of(register: Register, household: Household, members: Sequence[str], locale: str) -> etree._Element:
    """A household, and which of the persons asked for are in it."""
    element = etree.Element("household")
    for person in members:
        put(element, "ofPerson", person)
    put(element, "number", household.id)
    put(element, "kind", "FAMILY")
    address = put(element, f"{{{ADDRESS}}}address")
    for line in register.address_lines(household, locale):
        put(address, f"{{{ADDRESS}}}line", line)
    put(address, f"{{{ADDRESS}}}postalCode", household.address.postcode)
    put(address, f"{{{ADDRESS}}}divisionCode", household.address.community)
    for member in household.members:
        element.append(_member(register, household, member, locale))
    return element


def extract_of(extract: Extract) -> etree._Element:
    """An extract. The request's time is local, as the register's clock has it; the other names its zone."""
    element = etree.Element("extract")
    put(element, "id", extract.id)
    put(element, "personCode", extract.person)
    put(element, "extractType", extract.type.value)
    put(element, "state", "READY" if extract.ready else "REQUESTED")
    put(element, "requestedAt", extract.requested_at.replace(tzinfo=None).isoformat(timespec="seconds"))
    put(element, "readyBy", extract.ready_by.isoformat(timespec="seconds"))
    if extract.ready:
        put(element, "documentUrl", extract.url)
    return element


def fault_of(problem: Problem, locale: str, **more: str) -> etree._Element:
    """A non-technical fault."""
    element = etree.Element("fault")
    put(element, "faultCode", problem.code)
    put(element, "faultString", problem.text.get(locale))
    for name, text in more.items():
        put(element, name, text)
    return element


def usage_of(usage: Usage) -> etree._Element:
    """A use of a person's data."""
    element = etree.Element("usage")
    put(element, "logtime", usage.logtime)
    put(element, "action", usage.action)
    put(element, "receiver", usage.receiverCode)
    return element


def _member(register: Register, household: Household, member: str, locale: str) -> etree._Element:
    person = register.city.persons[member]
    element = etree.Element("member")
    put(element, "name", person.name.get(locale))
    put(element, "relation", register.relation(household, member))
    if person.birth.text:
        put(element, "birthDate", person.birth.text)
    return element
