"""Free slots for everybody; their own appointments for a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from adapters.contract.operations import FieldSet
from adapters.contract.ports import appointments as contract
from adapters.contract.records import OfficeId, ServiceId
from resolvers.appointments.types import OWN, Appointment, Ids, Slot
from resolvers.common.calls import asks
from resolvers.common.context import Context, Info
from resolvers.common.errors import InvalidPage
from resolvers.common.nodes import local_id
from resolvers.common.own import own_page, own_record, selecting
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window
from resolvers.common.permissions import own_node
from resolvers.common.selection import LISTED, personal_fields, selected_fields

LONGEST_SEARCH_DAYS = 31


async def _free_slots(
    info: Info,
    office_id: Annotated[strawberry.ID, strawberry.argument(description="The `Office`'s id.")],
    service_ids: Ids,
    first_day: Annotated[date, strawberry.argument(description="From this day.")],
    last_day: Annotated[date, strawberry.argument(description="To this day, at most 31 days on.")],
) -> tuple[contract.Slot, ...]:
    days = (last_day - first_day).days
    if not 0 <= days < LONGEST_SEARCH_DAYS:
        raise InvalidPage(f"lastDay is {days} days after firstDay; it must be from 0 to {LONGEST_SEARCH_DAYS - 1}")
    query = contract.SlotQuery(
        office_id=OfficeId(local_id("Office", office_id)),
        service_ids=tuple(ServiceId(local_id("PublicService", one)) for one in service_ids),
        first_day=first_day,
        last_day=last_day,
    )
    answer = await info.context.city.port(contract.Appointments).free_slots([query])
    return answer.get(query, ())


@strawberry.type
class Query:
    """What everybody may see."""

    free_slots = strawberry.field(
        resolver=_free_slots,
        graphql_type=list[Slot] | None,
        description="Free times at an office for one or several services together.",
    )


async def _appointments(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Page:
    of_person = info.context.city.port(contract.Appointments).of_person
    fields = personal_fields(selected_fields(info), contract.Appointment, *LISTED)
    return await own_page(info.context, selecting(of_person, fields), Window(first, after, last, before))


@strawberry.type
class Viewer:
    """What a person has."""

    appointments = strawberry.field(
        resolver=_appointments,
        graphql_type=Connection[Appointment] | None,
        directives=OWN,
        description="The person's appointments, soonest first.",
    )


async def own_appointment(context: Context, local: str, selected: FieldSet) -> contract.Appointment | None:
    """The person's appointment with a local id, for what is selected of it."""
    fields = personal_fields(selected, contract.Appointment)
    return await own_record(context, selecting(context.city.port(contract.Appointments).of_person, fields), local)


NODES = {"Appointment": own_node(OWN, own_appointment)}
CALLS = {
    "Query.freeSlots": asks("appointments.free_slots"),
    "Viewer.appointments": asks("appointments.of_person"),
}
NODE_CALLS = {"Appointment": asks("appointments.of_person")}
