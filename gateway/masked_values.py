"""Which values may be seen, and the values of variables without the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLScalarType,
    get_nullable_type,
)

from gateway.sensitivity import SensitiveInputs

MASK: Final = "…"
MOST_ITEMS: Final = 5
LARGEST_NUMBER: Final = 99_999
_CODE = re.compile(r"(?!.*\d{6})[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?")
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {"String": _CODE, "Date": _TIME, "DateTime": _TIME}


def is_plain(value: object, kind: GraphQLInputType | None) -> bool:
    """Whether a value at a place that is not sensitive has the shape of what belongs there.

    That is an enum's or a boolean value, a code, a time or a small number. An id has none: it is opaque.
    """
    if isinstance(kind, GraphQLEnumType):
        return isinstance(value, str) and value in kind.values
    if not isinstance(kind, GraphQLScalarType):
        return False
    if isinstance(value, str):
        shape = _SHAPES.get(kind.name)
        return shape is not None and shape.fullmatch(value) is not None
    if isinstance(value, bool):
        return kind.name == "Boolean"
    return isinstance(value, int) and kind.name == "Int" and abs(value) <= LARGEST_NUMBER


def masked_value(value: Any, kind: Any, sensitive: SensitiveInputs, *, hidden: bool) -> Any:
    """A variable's value of an input type, None when that is not known; only members that the type has are left."""
    kind = get_nullable_type(kind)
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(kind, GraphQLInputObjectType):
        return {
            name: masked_value(value[name], place.type, sensitive, hidden=hidden or sensitive.cover(name, place))
            for name, place in kind.fields.items()
            if name in value
        }
    if isinstance(value, list) and isinstance(kind, GraphQLList):
        shown = [masked_value(one, kind.of_type, sensitive, hidden=hidden) for one in value[:MOST_ITEMS]]
        return shown if len(value) <= MOST_ITEMS else [*shown, MASK]
    return value if not hidden and is_plain(value, kind) else MASK
