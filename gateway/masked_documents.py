"""A document with its literals masked, and the variables that stand at no sensitive place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    ConstValueNode,
    DocumentNode,
    EnumValueNode,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    type_from_ast,
    visit,
)

from gateway.masked_values import MASK, is_plain
from gateway.sensitivity import SensitiveInputs


def masked_document(
    document: DocumentNode, schema: GraphQLSchema, sensitive: SensitiveInputs
) -> tuple[DocumentNode, frozenset[str]]:
    """The document without sensitive literals, and the names of its open variables."""
    arguments = _Arguments(schema, sensitive)
    masked = visit(document, TypeInfoVisitor(arguments.types, arguments))
    found = frozenset(arguments.literals.seen - arguments.literals.hidden)
    return visit(masked, _Defaults(schema, arguments.literals, found)), found


class _Literals:
    """Masks literals, and notes the variables among them: `seen` at any place, `hidden` at a sensitive one."""

    def __init__(self, sensitive: SensitiveInputs) -> None:
        self.sensitive = sensitive
        self.seen: set[str] = set()
        self.hidden: set[str] = set()

    def masked(self, node: ValueNode, kind: Any, *, hidden: bool) -> ValueNode:
        """A literal of an input type, None when that is not known."""
        kind = get_nullable_type(kind)
        if isinstance(node, VariableNode):
            self.seen.add(node.name.value)
            if hidden or kind is None:
                self.hidden.add(node.name.value)
            return node
        if isinstance(node, ObjectValueNode):
            return ObjectValueNode(fields=tuple(self._members(node, kind, hidden=hidden)))
        if isinstance(node, ListValueNode):
            item = kind.of_type if isinstance(kind, GraphQLList) else None
            return ListValueNode(values=tuple(self.masked(one, item, hidden=hidden) for one in node.values))
        if isinstance(node, NullValueNode) or (not hidden and is_plain(_value(node), kind)):
            return node
        return StringValueNode(value=MASK)

    def _members(self, node: ObjectValueNode, kind: Any, *, hidden: bool) -> Iterator[ObjectFieldNode]:
        places = kind.fields if isinstance(kind, GraphQLInputObjectType) else {}
        for member in node.fields:
            name = member.name.value
            place = places.get(name)
            covered = hidden or place is None or self.sensitive.cover(name, place)
            value = self.masked(member.value, place.type if place else None, hidden=covered)
            yield ObjectFieldNode(name=member.name, value=value)


class _Arguments(Visitor):
    """Masks the arguments of fields and directives."""

    def __init__(self, schema: GraphQLSchema, sensitive: SensitiveInputs) -> None:
        super().__init__()
        self.types = TypeInfo(schema)
        self.literals = _Literals(sensitive)

    def enter_argument(self, node: ArgumentNode, *_: object) -> ArgumentNode:
        place = self.types.get_argument()
        hidden = place is None or self.literals.sensitive.cover(node.name.value, place)
        value = self.literals.masked(node.value, place.type if place else None, hidden=hidden)
        return dataclasses.replace(node, value=value)


class _Defaults(Visitor):
    """Masks what variables are without a value."""

    def __init__(self, schema: GraphQLSchema, literals: _Literals, open_variables: frozenset[str]) -> None:
        super().__init__()
        self._schema, self._literals, self._open = schema, literals, open_variables

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> VariableDefinitionNode | None:
        if node.default_value is None:
            return None
        hidden = node.variable.name.value not in self._open
        value = self._literals.masked(node.default_value, type_from_ast(self._schema, node.type), hidden=hidden)
        return dataclasses.replace(node, default_value=cast("ConstValueNode", value))


def _value(node: ValueNode) -> object:
    """What a leaf's literal stands for, as far as it can be plain."""
    match node:
        case IntValueNode():
            return int(node.value)
        case StringValueNode() | EnumValueNode() | BooleanValueNode():
            return node.value
        case _:
            return None
