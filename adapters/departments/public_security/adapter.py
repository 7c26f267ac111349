"""Public Security Bureau: the household register and its extracts over X-Road SOAP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from lxml import etree

from adapters.contract.operations import FieldSet
from adapters.contract.ports.civil_affairs import Extract, Household, RequestExtract
from adapters.contract.records import PersonId
from adapters.contract.transport import Transport, current_call, together
from adapters.departments.public_security.faults import to_error
from adapters.departments.public_security.mapping import to_extracts, to_households, to_requested
from adapters.departments.public_security.requests import NAMESPACE, VERSION, about, extract_order
from adapters.departments.public_security.usage import UsageLog
from adapters.products.xroad.identifiers import Member
from adapters.products.xroad.soap import Call, Provider, XRoadSoap
from adapters.products.xroad.usage import DUMONITOR

MOST_PERSONS = 50


class HouseholdRegister:
    """The port `households`; what is raised is as the port says."""

    def __init__(self, xroad: XRoadSoap) -> None:
        self._xroad = xroad

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = Household.personal
    ) -> Mapping[PersonId, Household]:
        """Households by member; one call for up to 50 persons."""
        found: dict[PersonId, Household] = {}
        for asked, reply in await _ask(self._xroad, "findHouseholds", persons):
            found |= to_households(reply, asked, fields)
        return found


class ExtractOffice:
    """The port `extracts`; what is raised is as the port says."""

    def __init__(self, xroad: XRoadSoap, zone: ZoneInfo) -> None:
        self._xroad = xroad
        self._zone = zone

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = Extract.personal
    ) -> Mapping[PersonId, tuple[Extract, ...]]:
        """Each person's extracts, newest first; one call for up to 50 persons."""
        found: dict[PersonId, tuple[Extract, ...]] = {}
        for asked, reply in await _ask(self._xroad, "listExtracts", persons):
            found |= to_extracts(reply, asked, self._zone, fields)
        return found

    async def request(self, order: RequestExtract) -> Extract:
        """Ask for an extract; one call."""
        body = extract_order(order, current_call().locale)
        reply = await self._xroad.call(Call(code="requestExtract", body=body, issue=order.reference))
        return to_requested(reply, order, self._zone)


async def _ask(
    xroad: XRoadSoap, code: str, persons: Sequence[PersonId]
) -> list[tuple[Sequence[PersonId], etree._Element]]:
    chunks = [persons[at : at + MOST_PERSONS] for at in range(0, len(persons), MOST_PERSONS)]
    locale = current_call().locale
    replies = await together(
        [xroad.call(Call(code=code, body=about(chunk, locale), part=part)) for part, chunk in enumerate(chunks)]
    )
    return list(zip(chunks, replies, strict=True))


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The bureau's ports. Raises: ValueError for an option that is no X-Road identifier or no time zone."""
    zone = ZoneInfo(options["zone"])
    client, provider = Member.parse(options["client"]), Member.parse(options["provider"])
    register, tracker = (
        XRoadSoap(
            transport,
            client=client,
            provider=Provider(provider, VERSION, namespace),
            refused=partial(to_error, zone=zone),
        )
        for namespace in (NAMESPACE, DUMONITOR)
    )
    return {
        "households": HouseholdRegister(register),
        "extracts": ExtractOffice(register, zone),
        "usage": UsageLog(tracker, zone),
    }
