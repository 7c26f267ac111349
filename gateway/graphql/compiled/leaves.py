"""Built-in scalars whose values pass unchanged when they are of the right class."""

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)

_INT = "(type({0}) is not int or not -2147483648 <= {0} <= 2147483647)"
_FLOAT = "(type({0}) is not float or not -1.7976931348623157e308 <= {0} <= 1.7976931348623157e308)"
_STRANGE: dict[Callable[[Any], Any], str] = {
    GraphQLString.coerce_output_value: "type({0}) is not str",
    GraphQLID.coerce_output_value: "type({0}) is not str",
    GraphQLInt.coerce_output_value: _INT,
    GraphQLFloat.coerce_output_value: _FLOAT,
    GraphQLBoolean.coerce_output_value: "type({0}) is not bool",
}


def strange(leaf: GraphQLLeafType, name: str) -> str | None:
    """Python that is true of a value which coercion may change or refuse; None for types that always coerce."""
    try:
        template = _STRANGE.get(leaf.coerce_output_value)
    except TypeError:  # a coercion that cannot be hashed is nobody's built-in
        return None
    return template and template.format(name)
