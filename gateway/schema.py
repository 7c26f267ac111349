"""The one list of domains, and the schema that they make together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from graphql import GraphQLSchema
from strawberry.printer import print_schema
from strawberry.tools import merge_types

from gateway.permissions import enforce
from gateway.times import hasten_times
from resolvers import (
    appointments,
    civil_affairs,
    complaints,
    departments,
    filings,
    mandates,
    my_data,
    registrations,
    services,
    tax,
)
from resolvers.common import sensitivity
from resolvers.common.calls import Calls, CallsOf
from resolvers.common.context import Info
from resolvers.common.context import Viewer as Identity
from resolvers.common.errors import InvalidId, NotMandated, OnePersonAtATime
from resolvers.common.nodes import Fetch, Node, split_id
from resolvers.common.permissions import Authenticated
from resolvers.common.selection import selected_fields

DOMAINS: tuple[Any, ...] = (
    services,
    appointments,
    registrations,
    complaints,
    tax,
    civil_affairs,
    filings,
    mandates,
    my_data,
    departments,
)


def _of_domains(part: str) -> tuple[type, ...]:
    return tuple(getattr(domain, part) for domain in DOMAINS if hasattr(domain, part))


NODES: dict[str, Fetch] = {kind: fetch for domain in DOMAINS for kind, fetch in getattr(domain, "NODES", {}).items()}
NODE_CALLS: dict[str, Calls] = {
    kind: calls for domain in DOMAINS for kind, calls in getattr(domain, "NODE_CALLS", {}).items()
}


def _calls_of_node(arguments: Mapping[str, Any]) -> Calls:
    """What is fetched is of the type that the id names; an id that names none is refused without a call."""
    try:
        return NODE_CALLS.get(split_id(str(arguments.get("id")))[0], ())
    except InvalidId:
        return ()


def _calls_of_viewer(arguments: Mapping[str, Any]) -> Calls:
    return mandates.calls_of_representing(arguments.get("onBehalfOf"))


CALLS: Mapping[str, Calls | CallsOf] = {
    "Query.node": _calls_of_node,
    "Query.viewer": _calls_of_viewer,
    **{field: calls for domain in DOMAINS for field, calls in getattr(domain, "CALLS", {}).items()},
}
"""What each field asks of departments at most, by its coordinates; a field that is not here asks nothing."""


@strawberry.type
class _Identity:
    name: str | None = strawberry.field(
        description="The person's name as the login service gave it.", directives=sensitivity.NAME
    )


Viewer = strawberry.type(
    merge_types("Viewer", (_Identity, *_of_domains("Viewer"))),
    description="The person who is logged in. Everything personal hangs here.",
    directives=[Authenticated()],
)


def _viewer(
    info: Info,
    on_behalf_of: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The id of one of `mandates`: everything is then about that person or company.",
            directives=sensitivity.IDENTIFIER,
        ),
    ] = None,
) -> Identity:
    context = info.context
    viewer = context.require_viewer()
    if on_behalf_of != context.on_behalf_of:
        raise context.denied or (OnePersonAtATime() if on_behalf_of is None else NotMandated())
    return viewer


async def _node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="An object's id.")],  # noqa: A002
) -> Any:
    kind, local = split_id(id)
    fetch = NODES.get(kind)
    return await fetch(info.context, local, selected_fields(info)) if fetch else None


@strawberry.type
class _Root:
    viewer = strawberry.field(
        resolver=_viewer,
        graphql_type=Viewer | None,
        directives=[Authenticated()],
        description="The person who is logged in; an error with code UNAUTHENTICATED when nobody is.",
    )
    node = strawberry.field(
        resolver=_node,
        graphql_type=Node | None,
        description="Any object by its id; null when there is none, or none that this person may see.",
    )


def build_schema() -> strawberry.Schema:
    """The whole schema, with every permission enforced."""
    schema = strawberry.Schema(
        query=strawberry.type(
            merge_types("Query", (_Root, *_of_domains("Query"))), description="Everything that can be asked."
        ),
        mutation=strawberry.type(
            merge_types("Mutation", _of_domains("Mutation")), description="Everything that can be ordered."
        ),
    )
    enforce(graphql_schema(schema))
    hasten_times(graphql_schema(schema))
    return schema


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The schema as graphql-core has it."""
    return schema._schema  # Strawberry has no public name for it


def sdl(schema: strawberry.Schema) -> str:
    """The schema as text, as `schema.graphql` keeps it."""
    return print_schema(schema) + "\n"
