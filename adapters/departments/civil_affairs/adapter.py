"""Civil Affairs Bureau: civil records over BRP `POST /personen`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adapters.contract.errors import Problem, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.civil_affairs import Person
from adapters.contract.records import PersonId
from adapters.contract.transport import Transport, current_call
from adapters.departments.civil_affairs.fields import leaves, wire_fields
from adapters.departments.civil_affairs.mapping import View, to_person
from adapters.departments.civil_affairs.names import NameOrder
from adapters.departments.civil_affairs.usage import UsageLog
from adapters.products.brp.personen import Logging, Personen

_NUMBER = re.compile(r"[0-9]{9}")
_ORDER_FIELDS = {"burgerservicenummer": "persons", "fields": "fields"}


class CivilAffairs:
    """The bureau's port; what is raised is as the port says."""

    def __init__(self, register: Personen, order: NameOrder) -> None:
        self._register = register
        self._order = order

    async def by_id(self, persons: Sequence[PersonId], fields: FieldSet) -> Mapping[PersonId, Person]:
        """Civil records; one call per 20 persons. Nobody has a number that is not nine digits."""
        view = View(selected=leaves(fields), locale=current_call().locale, order=self._order)
        numbers = [person for person in persons if _NUMBER.fullmatch(person)]
        try:
            found = await self._register.by_numbers(numbers, wire_fields(view.selected))
        except Rejected as exc:
            raise _refused(exc) from exc
        return {person.id: person for person in (to_person(raw, view) for raw in found)}


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The bureau's ports. Raises: ValueError for a `name_order` that is none of the two."""
    logging = Logging(client=options["client"], purpose=options["purpose"])
    register = Personen(transport, logging=logging, api_key=options.get("api_key"))
    return {"persons": CivilAffairs(register, NameOrder(options["name_order"])), "usage": UsageLog(register)}


def _refused(exc: Rejected) -> Rejected:
    problems = tuple(
        Problem(each.code, each.message, tuple(_ORDER_FIELDS.get(step, step) for step in each.path))
        for each in exc.problems
    )
    return Rejected(exc.reason, problems=problems, wire_code=exc.wire_code)
