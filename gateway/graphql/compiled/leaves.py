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

_STR = "type({0}) is not str"
_BOOL = "type({0}) is not bool"
_INT = "(type({0}) is not int or not -2147483648 <= {0} <= 2147483647)"
_FLOAT = "(type({0}) is not float or not -1.7976931348623157e308 <= {0} <= 1.7976931348623157e308)"
_STRANGE: dict[Callable[[Any], Any], str] = {
    GraphQLString.coerce_output_value: _STR,
    GraphQLID.coerce_output_value: _STR,
    GraphQLInt.coerce_output_value: _INT,
    GraphQLFloat.coerce_output_value: _FLOAT,
    GraphQLBoolean.coerce_output_value: _BOOL,
}
_PASSING: dict[str, type] = {_STR: str, _BOOL: bool}


def passing_class(leaf: GraphQLLeafType) -> type | None:
    """The class whose every value passes unchanged; None when there is none."""
    return _PASSING.get(_template(leaf) or "")


def strange(leaf: GraphQLLeafType, name: str) -> str | None:
    """Python that is true of a value which coercion may change or refuse; None for types that always coerce."""
    template = _template(leaf)
    return template and template.format(name)


def _template(leaf: GraphQLLeafType) -> str | None:
    try:
        return _STRANGE.get(leaf.coerce_output_value)
    except TypeError:  # a coercion that cannot be hashed is nobody's built-in
        return None
