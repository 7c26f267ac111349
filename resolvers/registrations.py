"""Registrations: what can be registered, a person's files, and starting one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from adapters.contract.filings import Filing as FilingRecord
from adapters.contract.operations import FieldSet
from adapters.contract.ports import registrations as contract
from adapters.contract.ports.services import Catalogue
from resolvers.common import sensitivity
from resolvers.common.calls import asks, asks_once
from resolvers.common.context import Context, Info, taken
from resolvers.common.filings import FIELD, Filing
from resolvers.common.inputs import Order
from resolvers.common.levels import at_once, found_ahead, ids
from resolvers.common.nodes import Node, by_id, describes, global_id
from resolvers.common.own import own_page, own_record, selecting
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window
from resolvers.common.permissions import Authenticated, own, own_node
from resolvers.common.problems import Attempted, Problem, Problems, attempt
from resolvers.common.selection import LISTED, personal_fields, selected_fields, selects
from resolvers.common.values import public_enum

ALL = Catalogue()
KINDS = "registrations.kinds"
MOST_ANSWERS = 200
OWN = own("registrations")

public_enum(
    contract.RegistrationState,
    "Where a file stands, and who acts next.",
    {
        "DRAFT": "The person has not handed it in yet.",
        "PENDING": "The department is at work on it.",
        "SENT_BACK": "The person must add or correct something.",
        "APPROVED": "It was registered.",
        "REJECTED": "It was refused.",
    },
)


@at_once(ids("RegistrationKind"))
def _kind_id(root: Parent[contract.RegistrationKind]) -> strawberry.ID:
    return global_id("RegistrationKind", root.id)


@describes(contract.RegistrationKind)
@strawberry.type(description="Something that can be registered.")
class RegistrationKind(Node):
    """Describes `contract.RegistrationKind`."""

    id: strawberry.ID = strawberry.field(resolver=_kind_id, description="The kind's id.")
    name: str = strawberry.field(description="The kind's name in the caller's language.")
    description: str | None = strawberry.field(description="What it is for.")
    form_id: str | None = strawberry.field(description="The department's name of the form that it needs.")


@at_once(ids("Registration"))
def _id(root: Parent[contract.Registration]) -> strawberry.ID:
    return global_id("Registration", root.id)


@at_once(found_ahead(KINDS, "kind_id"))
def _kind(root: Parent[contract.Registration], info: Info) -> Any:
    ahead = info.context.ahead.get(KINDS)
    if ahead is not None and root.kind_id in ahead:
        return taken(ahead[root.kind_id])
    return _kind_by_id(info.context, root.kind_id)


@describes(contract.Registration)
@strawberry.type(description="A person's file at the department.", directives=[Authenticated()])
class Registration(Node):
    """Describes `contract.Registration`."""

    id: strawberry.ID = strawberry.field(resolver=_id, directives=sensitivity.IDENTIFIER, description="The file's id.")
    kind = strawberry.field(
        resolver=_kind,
        graphql_type=RegistrationKind | None,
        description="What is being registered.",
    )
    kind_name: str = strawberry.field(description="The kind's name, as the department has it on the file.")
    title: str | None = strawberry.field(directives=sensitivity.WORDS, description="The person's own name for it.")
    state: contract.RegistrationState = strawberry.field(description="Where it stands.")
    created_at: datetime | None = strawberry.field(description="When the person began it.")
    registered_at: datetime | None = strawberry.field(description="When the department took it in.")
    message: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="What the department last said about it."
    )
    handled_by: str | None = strawberry.field(description="The desk or role that has it now.")
    document_urls: list[str] = strawberry.field(
        directives=sensitivity.DOCUMENT, description="Documents that belong to it."
    )


async def _kinds(info: Info) -> tuple[contract.RegistrationKind, ...]:
    return await kinds(info.context)


async def kinds(context: Context) -> tuple[contract.RegistrationKind, ...]:
    """Everything that can be registered."""
    listed = await context.load(KINDS, context.city.port(contract.Registrations).kinds, ALL)
    return listed or ()


@strawberry.type
class Query:
    """What everybody may see."""

    registration_kinds = strawberry.field(
        resolver=_kinds, graphql_type=list[RegistrationKind] | None, description="What can be registered."
    )


async def _registrations(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Page:
    context = info.context
    of_person = context.city.port(contract.Registrations).of_person
    fields = personal_fields(selected_fields(info), contract.Registration, *LISTED)
    page = await own_page(context, selecting(of_person, fields), Window(first, after, last, before))
    if selects(info, "nodes.kind", "edges.node.kind"):
        await context.read_ahead(KINDS, partial(_kinds_by_id, context), [file.kind_id for file in page.nodes])
    return page


@strawberry.type
class Viewer:
    """What a person has."""

    registrations = strawberry.field(
        resolver=_registrations,
        graphql_type=Connection[Registration] | None,
        directives=OWN,
        description="The person's files, newest first.",
    )


@strawberry.input(description="One answered field of the kind's form.")
class FormAnswerInput:
    """Part of `startRegistration`'s input."""

    code: str = strawberry.field(description="The field's code in the form.")
    value: str = strawberry.field(directives=sensitivity.WORDS, description="The answer as text.")


@strawberry.input(description="What to register, and the form's answers.")
class StartRegistrationInput(Order):
    """Input of `startRegistration`."""

    kind_id: strawberry.ID = strawberry.field(description="The `RegistrationKind`'s id.")
    title: str = strawberry.field(
        directives=sensitivity.WORDS, description="The person's own name for the file, up to 120 characters."
    )
    answers: list[FormAnswerInput] = strawberry.field(
        directives=sensitivity.WORDS, description="The form's answers, at most 200."
    )


@strawberry.type(description="The file, or what to mend.")
class StartRegistrationPayload:
    """What `startRegistration` answers."""

    registration: contract.Registration | None = strawberry.field(
        graphql_type=Registration | None, description="The file as the department took it in."
    )
    filing: FilingRecord | None = strawberry.field(graphql_type=Filing | None, description=FIELD)
    problems: list[Problem] = strawberry.field(description="What the person can mend; empty when it worked.")
    client_mutation_id: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="The input's `clientMutationId`."
    )


StartInput = Annotated[StartRegistrationInput, strawberry.argument(description="The order.")]


async def _start(info: Info, input: StartInput) -> StartRegistrationPayload:  # noqa: A002  # GraphQL's word
    viewer = info.context.require_viewer()
    problems = Problems(info.context.locale)
    order = contract.StartRegistration(
        person=viewer.id,
        kind_id=problems.local_id("RegistrationKind", input.kind_id, "kindId"),
        title=problems.text(input.title, "title", most=120),
        answers=_answers(input.answers, problems),
        reference=problems.optional_text(input.idempotency_key, "idempotencyKey", most=64),
    )
    done = Attempted[contract.Registration]()
    if not problems.found:
        done = await attempt(info.context.city.port(contract.Registrations).start(order), problems)
    return StartRegistrationPayload(
        registration=done.record,
        filing=done.filing,
        problems=problems.found,
        client_mutation_id=input.client_mutation_id,
    )


def _answers(answers: list[FormAnswerInput], problems: Problems) -> tuple[contract.FormAnswer, ...]:
    if len(answers) > MOST_ANSWERS:
        problems.add("TOO_MANY", "answers", limit=MOST_ANSWERS)
    return tuple(
        contract.FormAnswer(
            code=problems.text(one.code, "answers", str(at), "code", most=100),
            value=problems.text(one.value, "answers", str(at), "value", most=4000),
        )
        for at, one in enumerate(answers[:MOST_ANSWERS])
    )


@strawberry.type
class Mutation:
    """The domain's orders."""

    start_registration = strawberry.field(
        resolver=_start,
        graphql_type=StartRegistrationPayload | None,
        description="Open a file at the department.",
        directives=OWN,
    )


async def _own(context: Context, local: str, selected: FieldSet) -> contract.Registration | None:
    fields = personal_fields(selected, contract.Registration)
    return await own_record(context, selecting(context.city.port(contract.Registrations).of_person, fields), local)


async def _kinds_by_id(context: Context, _asked: Sequence[str]) -> Mapping[str, contract.RegistrationKind]:
    return {kind.id: kind for kind in await kinds(context)}


async def _kind_by_id(
    context: Context, local: str, _selected: FieldSet = frozenset()
) -> contract.RegistrationKind | None:
    return by_id(await kinds(context), local)


NODES = {"Registration": own_node(OWN, _own), "RegistrationKind": _kind_by_id}
CALLS = {
    "Query.registrationKinds": asks_once(KINDS),
    "Registration.kind": asks_once(KINDS),
    "Viewer.registrations": asks("registrations.of_person"),
    "Mutation.startRegistration": asks("registrations.start"),
}
NODE_CALLS = {"Registration": asks("registrations.of_person"), "RegistrationKind": asks_once(KINDS)}
