"""The schema's words for appointments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from adapters.contract.ports import appointments as contract
from resolvers.common import sensitivity
from resolvers.common.levels import at_once, ids
from resolvers.common.nodes import Node, describes, global_id
from resolvers.common.permissions import Authenticated, own
from resolvers.common.values import Address, public_enum

OWN = own("appointments")

public_enum(
    contract.AppointmentState,
    "Where an appointment stands, and who acts next.",
    {
        "HELD": "The slot is kept for the person, who must confirm it before `holdExpiresAt`.",
        "CONFIRMED": "The appointment stands; the person comes on the day.",
        "CANCELLED": "It was given back.",
        "EXPIRED": "The hold was not confirmed in time.",
        "COMPLETED": "The visit has taken place.",
    },
)


@at_once(ids("PublicService"))
def _service_id(root: Parent[contract.AppointmentService]) -> strawberry.ID:
    return global_id("PublicService", root.id)


@strawberry.type(description="A service within an appointment.")
class AppointmentService:
    """Describes `contract.AppointmentService`."""

    service_id = strawberry.field(
        resolver=_service_id, graphql_type=strawberry.ID, description="The `PublicService`'s id."
    )
    name: str = strawberry.field(description="The service's name.")
    quantity: int = strawberry.field(description="How many requests of it.")


@at_once(ids("Appointment"))
def _id(root: Parent[contract.Appointment]) -> strawberry.ID:
    return global_id("Appointment", root.id)


@at_once(ids("Office", "office_id"))
def _office_id(root: Parent[contract.Appointment]) -> strawberry.ID:
    return global_id("Office", root.office_id)


@describes(contract.Appointment)
@strawberry.type(description="A time at an office for one or several services.", directives=[Authenticated()])
class Appointment(Node):
    """Describes `contract.Appointment`."""

    id: strawberry.ID = strawberry.field(
        resolver=_id, directives=sensitivity.IDENTIFIER, description="The appointment's id."
    )
    state: contract.AppointmentState = strawberry.field(description="Where it stands.")
    starts_at: datetime = strawberry.field(description="When it begins, with offset.")
    ends_at: datetime | None = strawberry.field(description="When it ends, where the office says so.")
    hold_expires_at: datetime | None = strawberry.field(description="Until when a held slot must be confirmed.")
    services: list[AppointmentService] = strawberry.field(description="What it is for.")
    office_id = strawberry.field(resolver=_office_id, graphql_type=strawberry.ID, description="The `Office`'s id.")
    office_name: str = strawberry.field(description="The office's name.")
    office_address: Address | None = strawberry.field(description="Where the office is.")
    notes: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="What the office wants the person to know."
    )


@at_once(ids("Office", "office_id"))
def _slot_office_id(root: Parent[contract.Slot]) -> strawberry.ID:
    return global_id("Office", root.office_id)


@strawberry.type(description="A free time at an office.")
class Slot:
    """Describes `contract.Slot`."""

    office_id = strawberry.field(resolver=_slot_office_id, graphql_type=strawberry.ID, description="The `Office`'s id.")
    starts_at: datetime = strawberry.field(description="When it begins, with offset.")


Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of `PublicService`s, done in one visit.")]
