"""Certified extracts from the registers: a person's own, and asking for one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from adapters.contract.filings import Filing as FilingRecord
from adapters.contract.operations import FieldSet
from adapters.contract.ports import civil_affairs as contract
from resolvers.civil_affairs.types import OWN
from resolvers.common import sensitivity
from resolvers.common.calls import asks
from resolvers.common.context import Context, Info
from resolvers.common.filings import FIELD, Filing
from resolvers.common.inputs import Order
from resolvers.common.levels import at_once, ids
from resolvers.common.nodes import Node, describes, global_id
from resolvers.common.own import own_page, own_record, selecting
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window
from resolvers.common.permissions import Authenticated, own_node
from resolvers.common.problems import Attempted, Problem, Problems, attempt
from resolvers.common.selection import LISTED, personal_fields, selected_fields
from resolvers.common.values import public_enum

public_enum(
    contract.ExtractKind,
    "What an extract certifies.",
    {"HOUSEHOLD": "The whole household register page.", "RESIDENCE": "Where the person is registered."},
)
public_enum(
    contract.ExtractState,
    "Where an extract stands, and who acts next.",
    {"REQUESTED": "The office is preparing it.", "READY": "The person can fetch it."},
)


@at_once(ids("RegisterExtract"))
def _id(root: Parent[contract.Extract]) -> strawberry.ID:
    return global_id("RegisterExtract", root.id)


@describes(contract.Extract)
@strawberry.type(description="A certified extract from a register.", directives=[Authenticated()])
class RegisterExtract(Node):
    """Describes `contract.Extract`."""

    id: strawberry.ID = strawberry.field(
        resolver=_id, directives=sensitivity.IDENTIFIER, description="The extract's id."
    )
    kind: contract.ExtractKind = strawberry.field(description="What it certifies.")
    state: contract.ExtractState = strawberry.field(description="Where it stands.")
    requested_at: datetime = strawberry.field(description="When the person asked for it.")
    ready_by: datetime | None = strawberry.field(description="By when the office means to have it ready.")
    document_url: str | None = strawberry.field(
        directives=sensitivity.DOCUMENT, description="Where the document is, once it is ready."
    )


async def _extracts(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Page:
    of_person = info.context.city.port(contract.Extracts).of_person
    fields = personal_fields(selected_fields(info), contract.Extract, *LISTED)
    return await own_page(info.context, selecting(of_person, fields), Window(first, after, last, before))


@strawberry.type
class Viewer:
    """What a person has."""

    extracts = strawberry.field(
        resolver=_extracts,
        graphql_type=Connection[RegisterExtract] | None,
        directives=OWN,
        description="Extracts that the person asked for, newest first.",
    )


@strawberry.input(description="Which extract, and what for.")
class RequestExtractInput(Order):
    """Input of `requestExtract`."""

    kind: contract.ExtractKind = strawberry.field(description="What it is to certify.")
    purpose: str = strawberry.field(
        directives=sensitivity.WORDS, description="What it is for, 2 to 200 characters; printed on it."
    )


@strawberry.type(description="The extract, or what to mend.")
class RequestExtractPayload:
    """What `requestExtract` answers."""

    extract: contract.Extract | None = strawberry.field(
        graphql_type=RegisterExtract | None, description="The extract as the office has it."
    )
    filing: FilingRecord | None = strawberry.field(graphql_type=Filing | None, description=FIELD)
    problems: list[Problem] = strawberry.field(description="What the person can mend; empty when it worked.")
    client_mutation_id: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="The input's `clientMutationId`."
    )


RequestInput = Annotated[RequestExtractInput, strawberry.argument(description="The order.")]


async def _request(info: Info, input: RequestInput) -> RequestExtractPayload:  # noqa: A002  # GraphQL's word
    viewer = info.context.require_viewer()
    problems = Problems(info.context.locale)
    order = contract.RequestExtract(
        person=viewer.id,
        kind=input.kind,
        purpose=problems.text(input.purpose, "purpose", least=2, most=200),
        reference=problems.optional_text(input.idempotency_key, "idempotencyKey", most=64),
    )
    done = Attempted[contract.Extract]()
    if not problems.found:
        done = await attempt(info.context.city.port(contract.Extracts).request(order), problems)
    return RequestExtractPayload(
        extract=done.record, filing=done.filing, problems=problems.found, client_mutation_id=input.client_mutation_id
    )


@strawberry.type
class Mutation:
    """The domain's orders."""

    request_extract = strawberry.field(
        resolver=_request,
        graphql_type=RequestExtractPayload | None,
        description="Ask for a certified extract from a register.",
        directives=OWN,
    )


async def _own(context: Context, local: str, selected: FieldSet) -> contract.Extract | None:
    fields = personal_fields(selected, contract.Extract)
    return await own_record(context, selecting(context.city.port(contract.Extracts).of_person, fields), local)


NODES = {"RegisterExtract": own_node(OWN, _own)}
CALLS = {"Viewer.extracts": asks("extracts.of_person"), "Mutation.requestExtract": asks("extracts.request")}
NODE_CALLS = {"RegisterExtract": asks("extracts.of_person")}
