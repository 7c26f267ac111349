"""Acting for somebody else: `viewer(onBehalfOf:)` decides, before anything is executed, whom an operation is about.

One operation is about one person. So there is one caller, one ground and one sharing key in all of it, and nothing of
the actor's own can be mixed into it, whatever a resolver does. Nothing of it is kept as a whole answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphql import DocumentNode, ExecutionResult, FragmentDefinitionNode, GraphQLError, GraphQLSchema, OperationType
from graphql.execution import get_variable_values
from graphql.execution.collect_fields import FragmentDetails, collect_fields
from graphql.execution.values import get_argument_values
from graphql.utilities import get_operation_ast

from adapters.contract.errors import AdapterError
from gateway.graphql.operation import Executor
from resolvers.common.context import Context
from resolvers.common.errors import OnePersonAtATime, Refusal
from resolvers.mandates import mandate, represented

FIELD = "viewer"
ARGUMENT = "onBehalfOf"


class RepresentingExecutor:
    """An executor that gives an operation on somebody's behalf a context of that person."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner

    async def execute(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        context: Context,
        variables: Mapping[str, Any],
        operation_name: str | None,
    ) -> ExecutionResult:
        """As `Executor` says."""
        if _mentions(document):
            wanted = _wanted(schema, document, variables, operation_name)
            if wanted != {None}:
                context = await _acting(context, wanted)
        return await self._inner.execute(
            schema, document, context=context, variables=variables, operation_name=operation_name
        )


def _mentions(document: DocumentNode) -> bool:
    """Whether the argument is written anywhere: a name has one spelling in GraphQL."""
    return document.loc is None or ARGUMENT in document.loc.source.body


def _wanted(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], name: str | None
) -> set[str | None]:
    """The values of the argument at the operation's `viewer` fields; {None} where they cannot be told.

    What cannot be coerced is an error of the execution, and gives nobody any right before that.
    """
    operation = get_operation_ast(document, name)
    root = schema.query_type
    if operation is None or root is None or operation.operation is not OperationType.QUERY:
        return {None}
    values = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if isinstance(values, list):
        return {None}
    fragments = {
        one.name.value: FragmentDetails(one, None)
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    try:
        grouped = collect_fields(schema, fragments, values, root, operation, hide_suggestions=True).grouped_field_set
        nodes = [details[0].node for details in grouped.values() if details[0].node.name.value == FIELD]
        found = {get_argument_values(root.fields[FIELD], node, values).get(ARGUMENT) for node in nodes}
    except GraphQLError:
        return {None}
    return found or {None}


async def _acting(context: Context, wanted: set[str | None]) -> Context:
    context.uses.keep = False
    if context.viewer is None:
        return context
    if len(wanted) > 1:
        return replace(context, denied=OnePersonAtATime())
    (identifier,) = wanted
    assert identifier is not None
    try:
        one = await mandate(context, identifier)
    except (Refusal, AdapterError) as exc:
        return replace(context, denied=exc)
    finally:
        context.uses.were_checks()
    city = context.city.on_behalf_of(one.person, actor=one.actor, basis=one.basis.value)
    viewer = represented(context.viewer, one)
    return replace(context, city=city, viewer=viewer, on_behalf_of=identifier, loaders={}, ahead={})
