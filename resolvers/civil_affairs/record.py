"""A person's own civil record and household."""

from __future__ import annotations

import strawberry

from adapters.contract.ports import civil_affairs as contract
from resolvers.civil_affairs.types import OWN, CivilRecord, Household
from resolvers.common.calls import asks
from resolvers.common.context import Info
from resolvers.common.selection import personal_fields, selected_fields


async def _civil_record(info: Info) -> contract.Person | None:
    person = info.context.require_viewer().id
    answer = await info.context.city.port(contract.Persons).by_id([person], selected_fields(info))
    return answer.get(person)


async def _household(info: Info) -> contract.Household | None:
    person = info.context.require_viewer().id
    fields = personal_fields(selected_fields(info), contract.Household)
    return (await info.context.city.port(contract.Households).of_person([person], fields)).get(person)


@strawberry.type
class Viewer:
    """What a person has."""

    civil_record = strawberry.field(
        resolver=_civil_record,
        graphql_type=CivilRecord | None,
        directives=OWN,
        description="The person's civil record; null when the register does not have one.",
    )
    household = strawberry.field(
        resolver=_household,
        graphql_type=Household | None,
        directives=OWN,
        description="The household register page that the person is on; null when on none.",
    )


CALLS = {"Viewer.civilRecord": asks("persons.by_id"), "Viewer.household": asks("households.of_person")}
