"""Hold, confirm and cancel an appointment."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

import strawberry

from adapters.contract.filings import Filing as FilingRecord
from adapters.contract.ports import appointments as contract
from adapters.contract.records import OfficeId, ServiceId
from resolvers.appointments.types import OWN, Appointment
from resolvers.common import sensitivity
from resolvers.common.calls import asks
from resolvers.common.context import Context, Info
from resolvers.common.filings import FIELD, Filing
from resolvers.common.inputs import Order
from resolvers.common.problems import Attempted, Problem, Problems, attempt

MOST_SERVICES = 10


@strawberry.input(description="Which slot to keep, and how the office reaches the person.")
class HoldAppointmentInput(Order):
    """Input of `holdAppointment`."""

    office_id: strawberry.ID = strawberry.field(description="The `Office`'s id.")
    service_ids: list[strawberry.ID] = strawberry.field(description="Ids of `PublicService`s, done in one visit.")
    starts_at: datetime = strawberry.field(description="A free slot's `startsAt`, with offset.")
    name: str = strawberry.field(directives=sensitivity.NAME, description="The name under which the office calls.")
    email: str | None = strawberry.field(
        directives=sensitivity.CONTACT, default=None, description="Where the confirmation goes."
    )
    phone: str | None = strawberry.field(
        directives=sensitivity.CONTACT, default=None, description="How to reach the person on the day."
    )


@strawberry.input(description="Which appointment.")
class AppointmentInput(Order):
    """Input of `confirmAppointment` and `cancelAppointment`."""

    appointment_id: strawberry.ID = strawberry.field(description="The `Appointment`'s id.")


@strawberry.type(description="The appointment, or what to mend.")
class AppointmentPayload:
    """What the mutations answer."""

    appointment: contract.Appointment | None = strawberry.field(
        graphql_type=Appointment | None, description="The appointment as the office has it now."
    )
    filing: FilingRecord | None = strawberry.field(graphql_type=Filing | None, description=FIELD)
    problems: list[Problem] = strawberry.field(description="What the person can mend; empty when it worked.")
    client_mutation_id: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="The input's `clientMutationId`."
    )


HoldInput = Annotated[HoldAppointmentInput, strawberry.argument(description="The order.")]
OneInput = Annotated[AppointmentInput, strawberry.argument(description="The order.")]


async def _hold(info: Info, input: HoldInput) -> AppointmentPayload:  # noqa: A002  # GraphQL's word
    viewer = info.context.require_viewer()
    problems = Problems(info.context.locale)
    order = contract.HoldSlot(
        person=viewer.id,
        office_id=OfficeId(problems.local_id("Office", input.office_id, "officeId")),
        service_ids=tuple(ServiceId(one) for one in _services(input.service_ids, problems)),
        starts_at=problems.future(input.starts_at, "startsAt"),
        name=problems.text(input.name, "name", most=80),
        email=problems.optional_text(input.email, "email", most=254),
        phone=problems.optional_text(input.phone, "phone", most=32),
        reference=problems.optional_text(input.idempotency_key, "idempotencyKey", most=64),
    )
    done = Attempted[contract.Appointment]()
    if not problems.found:
        done = await attempt(info.context.city.port(contract.Appointments).hold(order), problems)
    return AppointmentPayload(
        appointment=done.record,
        filing=done.filing,
        problems=problems.found,
        client_mutation_id=input.client_mutation_id,
    )


def _services(ids: list[strawberry.ID], problems: Problems) -> list[str]:
    if not ids:
        problems.add("REQUIRED", "serviceIds")
    elif len(ids) > MOST_SERVICES:
        problems.add("TOO_MANY", "serviceIds", limit=MOST_SERVICES)
    return [problems.local_id("PublicService", one, "serviceIds", str(at)) for at, one in enumerate(ids)]


Act = Callable[[contract.AppointmentOrder], Coroutine[Any, Any, contract.Appointment]]


async def _act(context: Context, input: AppointmentInput, act: Act) -> AppointmentPayload:  # noqa: A002
    viewer = context.require_viewer()
    problems = Problems(context.locale)
    local = problems.local_id("Appointment", input.appointment_id, "appointmentId")
    reference = problems.optional_text(input.idempotency_key, "idempotencyKey", most=64)
    done = Attempted[contract.Appointment]()
    if not problems.found:
        order = contract.AppointmentOrder(person=viewer.id, appointment_id=local, reference=reference)
        done = await attempt(act(order), problems)
    return AppointmentPayload(
        appointment=done.record,
        filing=done.filing,
        problems=problems.found,
        client_mutation_id=input.client_mutation_id,
    )


async def _confirm(info: Info, input: OneInput) -> AppointmentPayload:  # noqa: A002
    return await _act(info.context, input, info.context.city.port(contract.Appointments).confirm)


async def _cancel(info: Info, input: OneInput) -> AppointmentPayload:  # noqa: A002
    return await _act(info.context, input, info.context.city.port(contract.Appointments).cancel)


@strawberry.type
class Mutation:
    """The domain's orders."""

    hold_appointment = strawberry.field(
        resolver=_hold,
        graphql_type=AppointmentPayload | None,
        description="Keep a free slot for a short time. Two who race for it get one hold and one `SLOT_TAKEN`.",
        directives=OWN,
    )
    confirm_appointment = strawberry.field(
        resolver=_confirm,
        graphql_type=AppointmentPayload | None,
        description="Turn a hold into an appointment.",
        directives=OWN,
    )
    cancel_appointment = strawberry.field(
        resolver=_cancel,
        graphql_type=AppointmentPayload | None,
        description="Give an appointment or a hold back.",
        directives=OWN,
    )


CALLS = {
    "Mutation.holdAppointment": asks("appointments.hold"),
    "Mutation.confirmAppointment": asks("appointments.confirm"),
    "Mutation.cancelAppointment": asks("appointments.cancel"),
}
