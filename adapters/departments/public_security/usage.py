"""The bureau's own log of who used a person's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from adapters.contract.operations import FieldSet
from adapters.contract.ports.usage import RegisterUse
from adapters.contract.records import PersonId
from adapters.contract.transport import together
from adapters.products.xroad.soap import Call, XRoadSoap
from adapters.products.xroad.usage import listed_uses, refuse_others, soap_body


class UsageLog:
    """The port `usage`; what is raised is as the port says."""

    def __init__(self, tracker: XRoadSoap, zone: ZoneInfo) -> None:
        self._tracker = tracker
        self._zone = zone

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = RegisterUse.personal
    ) -> Mapping[PersonId, tuple[RegisterUse, ...]]:
        """Entries about who asks, whom the message's header names, and about nobody else; one call."""
        refuse_others(persons)
        found = await together([self._of(part, fields) for part, _ in enumerate(persons)])
        return dict(zip(persons, found, strict=True))

    async def _of(self, part: int, fields: FieldSet) -> tuple[RegisterUse, ...]:
        return listed_uses(
            await self._tracker.call(Call(code="findUsage", body=soap_body(), part=part)), self._zone, fields
        )
