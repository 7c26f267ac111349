"""The bureau's own log of who used a person's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.operations import FieldSet
from adapters.contract.ports.usage import RegisterUse
from adapters.contract.records import PersonId
from adapters.contract.transport import together
from adapters.products.govstack.registration import Registration
from adapters.products.xroad.identifiers import user_id
from adapters.products.xroad.usage import PATH, FoundUsages, found_uses, query


class UsageLog:
    """The bureau's port; what is raised is as the port says."""

    def __init__(self, block: Registration) -> None:
        self._block = block

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = RegisterUse.personal
    ) -> Mapping[PersonId, tuple[RegisterUse, ...]]:
        """Entries about each person; one call per person, because the log is one person's."""
        found = await together([self._of(person, part, fields) for part, person in enumerate(persons)])
        return dict(zip(persons, found, strict=True))

    async def _of(self, person: PersonId, part: int, fields: FieldSet) -> tuple[RegisterUse, ...]:
        return found_uses(await self._block.get(PATH, query(user_id(person)), FoundUsages, part=part), fields)
