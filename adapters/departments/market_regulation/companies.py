"""The bureau's company register: officers of companies, strictly read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from adapters.contract.errors import BadReply
from adapters.contract.ports.companies import Signatory
from adapters.contract.records import PersonId, TaxpayerId
from adapters.contract.transport import together
from adapters.products.govstack.registration import Registration

_Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{9}\Z")]


class Listed(msgspec.Struct, frozen=True):
    """An entry of `GET /companies?officerId=`."""

    companyId: _Number  # noqa: N815
    name: Annotated[str, msgspec.Meta(min_length=1)]
    officerId: str  # noqa: N815
    role: str
    signsAlone: bool  # noqa: N815
    status: Literal["active", "abnormal", "deregistered"]


class CompanyRegister:
    """The bureau's port; what is raised is as the port says."""

    def __init__(self, block: Registration) -> None:
        self._block = block

    async def of_officer(self, persons: Sequence[PersonId]) -> Mapping[PersonId, tuple[Signatory, ...]]:
        """Companies of each person; one call per person, because the register takes one officer."""
        found = await together([self._of(person, part) for part, person in enumerate(persons)])
        return dict(zip(persons, found, strict=True))

    async def _of(self, person: PersonId, part: int) -> tuple[Signatory, ...]:
        query = (("officerId", person),)
        listed = await self._block.get("/companies", query, tuple[Listed, ...], part=part)
        if any(one.officerId != person for one in listed):
            raise BadReply("an officer is not the person who was asked about")
        return tuple(
            Signatory(
                company=TaxpayerId(one.companyId),
                name=one.name,
                role=one.role,
                signs_alone=one.signsAlone,
                active=one.status == "active",
            )
            for one in listed
        )
