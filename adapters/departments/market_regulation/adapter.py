"""Market Regulation Bureau: registrations over the GovStack Registration building block behind X-Road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.errors import Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.registrations import Registration, RegistrationKind, StartRegistration
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import PersonId
from adapters.contract.transport import Transport, current_call, together
from adapters.departments.market_regulation.companies import CompanyRegister
from adapters.departments.market_regulation.mapping import refused, started, to_kind, to_registrations, to_submit
from adapters.departments.market_regulation.usage import UsageLog
from adapters.products.govstack import registration
from adapters.products.xroad.identifiers import Member, Service
from adapters.products.xroad.rest import XRoadRest


class MarketRegulation:
    """The bureau's port; what is raised is as the port says."""

    def __init__(self, block: registration.Registration) -> None:
        self._block = block

    async def kinds(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[RegistrationKind, ...]]:
        """What can be registered; one call."""
        return dict.fromkeys(catalogues, tuple(map(to_kind, await self._block.services())))

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = Registration.personal
    ) -> Mapping[PersonId, tuple[Registration, ...]]:
        """Each person's files, newest first; one call per person, because the block takes one applicant."""
        found = await together([self._files(person, part, fields) for part, person in enumerate(persons)])
        return dict(zip(persons, found, strict=True))

    async def start(self, order: StartRegistration) -> Registration:
        """Open a file; one call."""
        file = to_submit(order, current_call().locale)
        try:
            opened = await self._block.submit(order.kind_id, file, reference=order.reference)
        except Rejected as exc:
            raise refused(exc) from exc
        return started(opened, order)

    async def _files(self, person: PersonId, part: int, fields: FieldSet) -> tuple[Registration, ...]:
        return to_registrations(await self._block.applications(person, part=part), person, fields)


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The bureau's ports. Raises: ValueError for an option that is no X-Road identifier."""
    xroad = XRoadRest(transport, client=Member.parse(options["client"]), service=Service.parse(options["service"]))
    block = registration.Registration(xroad)
    return {"registrations": MarketRegulation(block), "companies": CompanyRegister(block), "usage": UsageLog(block)}
