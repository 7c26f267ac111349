"""One operation of a valid document, made ready for the compiler; what it does not take is refused by reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    assert_valid_schema,
)
from graphql.execution.collect_fields import FragmentDetails

from gateway.graphql.guards import Guard, guards_of
from gateway.graphql.switches import selections_in, switches_of

_INCREMENTAL = frozenset({"defer", "stream"})


class Unsupported(Exception):
    """This operation runs on the reference; `reason` is one of a few fixed words, fit for a counter."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the compiler does not take this operation: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An operation and what belongs to it; `switches` are the variables that `@skip` and `@include` read.

    `guards` may stand before its fields: those of every field with a name that it selects.
    """

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    root_type: GraphQLObjectType
    fragment_definitions: dict[str, FragmentDefinitionNode]
    fragments: dict[str, FragmentDetails]
    switches: tuple[str, ...]
    guards: frozenset[Guard]


def prepare(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Prepared:
    """Choose the operation and look at its directives. Raises: Unsupported."""
    assert_valid_schema(schema)
    operation = _chosen(document, operation_name)
    root_type = schema.get_root_type(operation.operation)
    if root_type is None:
        _refuse("no root type")
    definitions = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    if any(definition.variable_definitions for definition in definitions.values()):
        _refuse("fragment variables")
    selections = list(selections_in(part.selection_set for part in (operation, *definitions.values())))
    for selection in selections:
        _refuse_strange(selection)
    return Prepared(
        schema,
        operation,
        root_type,
        definitions,
        {name: FragmentDetails(definition, None) for name, definition in definitions.items()},
        switches_of(selections),
        _guards(schema, selections),
    )


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        operations = [o for o in operations if o.name and o.name.value == name]
    if not operations or (name is None and len(operations) > 1):
        _refuse("no single operation")
    return operations[-1]


def _guards(schema: GraphQLSchema, selections: Iterable[SelectionNode]) -> frozenset[Guard]:
    guards = guards_of(schema)
    if guards is None:
        return frozenset()
    selected = {selection.name.value for selection in selections if isinstance(selection, FieldNode)}
    return frozenset(guard for guard, names in guards.fields.items() if names & selected)


def _refuse_strange(selection: SelectionNode) -> None:
    if selection.directives and any(one.name.value in _INCREMENTAL for one in selection.directives):
        _refuse("incremental delivery")
    if isinstance(selection, FragmentSpreadNode) and selection.arguments:
        _refuse("fragment variables")


def _refuse(reason: str) -> NoReturn:
    raise Unsupported(reason)
