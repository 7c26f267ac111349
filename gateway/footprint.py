"""Which fields of a person an operation shows, by the departments' operations that they come with.

It depends on the document and on what `@skip` and `@include` say, and on nothing else in a request, so it is found
once for each of those. Coordinates are concrete: below an interface or a union, those of each type that may be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import ref

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from gateway.graphql.operation import Operation
from gateway.graphql.switches import conditions_of, defaults_of, selections_in, switches_of
from resolvers.common.calls import Calls, CallsOf

MOST_KNOWN = 2048
MOST_VARIANTS = 64
Operations = tuple[str, ...]
Fields = Mapping[str, tuple[str, ...]]
"""Coordinates of fields, such as `TaxPayment.paidOn`, by the operation of a port that they come with."""

_Switches = tuple[tuple[str, bool], ...]
"""The variables that decide what is selected, each with its value where a request gives none."""
_Known = tuple[ref[OperationDefinitionNode], _Switches, dict[tuple[bool, ...], Fields]]


class Footprints:
    """The footprints of operations on one schema.

    `calls` are what fields ask of departments, by coordinates, and `nodes` what `node(id:)` asks, by type.
    """

    def __init__(self, schema: GraphQLSchema, calls: Mapping[str, Calls | CallsOf], nodes: Mapping[str, Calls]) -> None:
        self._schema = schema
        self._uses = {field: _operations(asked) for field, asked in calls.items() if not callable(asked)}
        self._nodes = {kind: _operations(asked) for kind, asked in nodes.items()}
        self._known: dict[int, _Known] = {}

    def of(self, operation: Operation, variables: Mapping[str, Any]) -> Fields:
        """The footprint of one execution."""
        definition = operation.definition
        known = self._known.get(id(definition))
        if known is None or known[0]() is not definition:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[id(definition)] = (ref(definition), _switches(operation), {})
        _, switches, variants = known
        values = tuple([bool(variables.get(name, default)) for name, default in switches])
        found = variants.get(values)
        if found is None:
            if len(variants) >= MOST_VARIANTS:
                variants.clear()
            switched = {name: value for (name, _), value in zip(switches, values, strict=True)}
            found = variants[values] = self._find(operation, switched)
        return found

    def _find(self, operation: Operation, switched: Mapping[str, bool]) -> Fields:
        root = self._schema.get_root_type(operation.definition.operation)
        walk = _Walk(self, operation.document, switched)
        if root is not None:
            walk.selections(root, operation.definition.selection_set, None)
        return {name: tuple(sorted(fields)) for name, fields in walk.found.items()}

    def used_at(self, kind: GraphQLObjectType, field: str) -> Operations | None:
        """What a field itself says that it is answered with."""
        return self._uses.get(f"{kind.name}.{field}")

    def used_by_node(self, kind: GraphQLObjectType) -> Operations | None:
        """What finds an object of a type by its id."""
        return self._nodes.get(kind.name)

    def kinds(self, kind: Any) -> Iterable[GraphQLObjectType]:
        """The types of objects that may be where a type stands."""
        return self._schema.get_possible_types(kind) if is_abstract_type(kind) else (kind,)

    def applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        """Whether a fragment on a type is for objects of another."""
        wanted = self._schema.type_map[condition]
        return wanted is kind or (is_abstract_type(wanted) and self._schema.is_sub_type(wanted, kind))


class _Walk:
    def __init__(self, footprints: Footprints, document: DocumentNode, switched: Mapping[str, bool]) -> None:
        self._footprints = footprints
        self._switched = switched
        fragments = (one for one in document.definitions if isinstance(one, FragmentDefinitionNode))
        self._fragments = {one.name.value: one for one in fragments}
        self.found: dict[str, set[str]] = {}

    def selections(self, kind: GraphQLObjectType, selected: SelectionSetNode | None, by: Operations | None) -> None:
        for one in selected.selections if selected else ():
            conditions = conditions_of(one)
            if conditions is not None and all(self._switched[name] is wanted for name, wanted in conditions):
                self._selection(kind, one, by)

    def _selection(self, kind: GraphQLObjectType, one: SelectionNode, by: Operations | None) -> None:
        if isinstance(one, FieldNode):
            self._field(kind, one, by)
        elif isinstance(one, FragmentSpreadNode):
            fragment = self._fragments[one.name.value]
            if self._footprints.applies(fragment.type_condition.name.value, kind):
                self.selections(kind, fragment.selection_set, by)
        elif isinstance(one, InlineFragmentNode):
            condition = one.type_condition
            if condition is None or self._footprints.applies(condition.name.value, kind):
                self.selections(kind, one.selection_set, by)

    def _field(self, kind: GraphQLObjectType, node: FieldNode, by: Operations | None) -> None:
        name = node.name.value
        field = kind.fields.get(name)
        if field is None:  # `__typename` and the schema itself say nothing about anybody
            return
        own = self._footprints.used_at(kind, name)
        by = own if own is not None else by
        for operation in by or ():
            self.found.setdefault(operation, set()).add(f"{kind.name}.{name}")
        result = get_named_type(field.type)
        if is_leaf_type(result):
            return
        for each in self._footprints.kinds(result):
            self.selections(each, node.selection_set, by if by is not None else self._footprints.used_by_node(each))


def _operations(calls: Calls) -> Operations:
    return tuple(call.operation for call in calls)


def _switches(operation: Operation) -> _Switches:
    """A value that does not fit makes an error of the request, and shows nothing."""
    sets = (one.selection_set for one in operation.document.definitions if isinstance(one, ExecutableDefinitionNode))
    defaults = defaults_of(operation.definition)
    return tuple((name, defaults.get(name) is True) for name in switches_of(selections_in(sets)))
