"""Argument values: which are the same in each execution, and how each call gets its own."""

import datetime
import decimal
import enum
import uuid
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLScalarType,
    Node,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_specified_scalar_type,
)

from gateway.graphql.compiled.fields import Field

_IMMUTABLE = (
    str,
    int,
    float,
    type(None),
    enum.Enum,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    decimal.Decimal,
    uuid.UUID,
)


def constant(field: Field, *, hide_suggestions: bool) -> dict[str, Any] | None:
    """The values of a field without variables; None when they must be coerced in each execution."""
    if not field.definition.args:
        return {}
    node = field.nodes[0]
    if any(_has_variable(argument.value) for argument in node.arguments or ()):
        return None
    if any(_is_custom(kind) for kind in _input_types(field.definition)):
        return None
    try:
        values = get_argument_values(field.definition, node, None, None, hide_suggestions)
    except GraphQLError:  # an error of each execution
        return None
    return values if is_copyable(values) else None


def is_shareable(value: Any) -> bool:
    """Whether nobody can change a value."""
    return isinstance(value, _IMMUTABLE)


def is_copyable(value: Any) -> bool:
    """Whether `fresh` gives a value of its own."""
    if type(value) is dict:
        return all(map(is_copyable, value.values()))
    if type(value) is list:
        return all(map(is_copyable, value))
    return is_shareable(value)


def fresh(value: Any) -> Any:
    """A copyable value that the receiver may change."""
    if type(value) is dict:
        return {key: fresh(part) for key, part in value.items()}
    if type(value) is list:
        return [fresh(part) for part in value]
    return value


def _has_variable(node: Node) -> bool:
    stack: list[Any] = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, VariableNode):
            return True
        stack.extend(getattr(node, "values", None) or ())
        stack.extend(part.value for part in getattr(node, "fields", None) or ())
    return False


def _is_custom(kind: GraphQLNamedType) -> bool:
    return isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind)


def _input_types(definition: GraphQLField) -> Iterator[GraphQLNamedType]:
    seen: set[str] = set()
    stack = [get_named_type(argument.type) for argument in definition.args.values()]
    while stack:
        kind = stack.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        yield kind
        if isinstance(kind, GraphQLInputObjectType):
            stack.extend(get_named_type(part.type) for part in kind.fields.values())
