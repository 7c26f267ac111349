"""Public services and offices: what the city offers, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

import strawberry
from strawberry import Parent

from adapters.contract.operations import FieldSet
from adapters.contract.ports import services as contract
from adapters.contract.records import source_of
from resolvers.common import sensitivity
from resolvers.common.calls import asks, asks_once
from resolvers.common.context import Context, Info
from resolvers.common.levels import at_once, ids
from resolvers.common.nodes import Node, describes, global_id
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window, paginate
from resolvers.common.values import Address, GeoPoint

R = TypeVar("R")
ALL = contract.Catalogue()
Search = Annotated[
    str | None, strawberry.argument(description="A part of a name or description.", directives=sensitivity.WORDS)
]


async def offices_by_id(context: Context) -> dict[str, contract.Office]:
    """All offices of the city by their local id."""
    listed = await context.load("offices.listed", context.city.port(contract.Offices).listed, ALL)
    return {office.id: office for office in listed or ()}


async def services_by_id(context: Context) -> dict[str, contract.PublicService]:
    """All public services of the city by their local id."""
    listed = await context.load("services.listed", context.city.port(contract.Services).listed, ALL)
    return {service.id: service for service in listed or ()}


@at_once(ids("PublicService"))
def _service_id(root: Parent[contract.PublicService]) -> strawberry.ID:
    return global_id("PublicService", root.id)


async def _offices_of(root: Parent[contract.PublicService], info: Info) -> list[contract.Office]:
    known = await offices_by_id(info.context)
    return [known[one] for one in root.office_ids if one in known]


@describes(contract.PublicService)
@strawberry.type(description="Something that a person can get from the city.")
class PublicService(Node):
    """Describes `contract.PublicService`."""

    id: strawberry.ID = strawberry.field(resolver=_service_id, description="The service's id.")
    name: str = strawberry.field(description="The service's name in the caller's language.")
    description: str | None = strawberry.field(description="What it is for, where the department says so.")
    documents: list[str] = strawberry.field(description="What to bring.")
    minutes: int | None = strawberry.field(description="How long a visit for one request takes.")
    max_quantity: int = strawberry.field(description="How many requests fit into one appointment.")
    offices = strawberry.field(
        resolver=_offices_of,
        graphql_type=list[Annotated["Office", strawberry.lazy("resolvers.services")]] | None,
        description="The offices that offer it.",
    )


@at_once(ids("Office"))
def _office_id(root: Parent[contract.Office]) -> strawberry.ID:
    return global_id("Office", root.id)


async def _services_of(root: Parent[contract.Office], info: Info) -> list[contract.PublicService]:
    known = await services_by_id(info.context)
    return [known[one] for one in root.service_ids if one in known]


@describes(contract.Office)
@strawberry.type(description="A place with counters.")
class Office(Node):
    """Describes `contract.Office`."""

    id: strawberry.ID = strawberry.field(resolver=_office_id, description="The office's id.")
    name: str = strawberry.field(description="The office's name in the caller's language.")
    address: Address | None = strawberry.field(description="Where it is.")
    location: GeoPoint | None = strawberry.field(description="Where it is on a map.")
    phone: str | None = strawberry.field(description="Its telephone number.")
    opening_hours: list[str] = strawberry.field(description="When it is open, as lines to read.")
    services = strawberry.field(
        resolver=_services_of, graphql_type=list[PublicService] | None, description="What can be done there."
    )


async def _services(  # Relay's page arguments
    info: Info,
    search: Search = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Page:
    window = Window(first, after, last, before)
    answer = await info.context.city.port(contract.Services).listed([ALL])
    found = _found(answer.get(ALL, ()), search, lambda one: (one.name, one.description))
    return paginate(found, window, partial(source_of, answer, ALL))


async def _offices(  # Relay's page arguments
    info: Info,
    search: Search = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Page:
    window = Window(first, after, last, before)
    answer = await info.context.city.port(contract.Offices).listed([ALL])
    found = _found(answer.get(ALL, ()), search, lambda one: (one.name,))
    return paginate(found, window, partial(source_of, answer, ALL))


def _found(records: Sequence[R], search: str | None, texts: Callable[[R], Sequence[str | None]]) -> Sequence[R]:
    if not search:
        return records
    wanted = search.casefold()
    return [one for one in records if any(wanted in text.casefold() for text in texts(one) if text)]


@strawberry.type
class Query:
    """The domain's public lists."""

    services = strawberry.field(
        resolver=_services, graphql_type=Connection[PublicService] | None, description="The city's public services."
    )
    offices = strawberry.field(
        resolver=_offices, graphql_type=Connection[Office] | None, description="The city's offices."
    )


async def _service(context: Context, local: str, _selected: FieldSet) -> contract.PublicService | None:
    return (await services_by_id(context)).get(local)


async def _office(context: Context, local: str, _selected: FieldSet) -> contract.Office | None:
    return (await offices_by_id(context)).get(local)


NODES = {"PublicService": _service, "Office": _office}
CALLS = {
    "Query.services": asks("services.listed"),
    "Query.offices": asks("offices.listed"),
    "PublicService.offices": asks_once("offices.listed"),
    "Office.services": asks_once("services.listed"),
}
NODE_CALLS = {"PublicService": asks_once("services.listed"), "Office": asks_once("offices.listed")}
