"""Enumerations and times as the schema's library writes them, without the detours that it takes to each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import Any

import msgspec
from graphql import GraphQLEnumType, GraphQLScalarType, GraphQLSchema

Coerce = Callable[[Any], Any]
_MOST_ZONES = 64
_MINUTE = timedelta(minutes=1)
_encode = msgspec.json.Encoder().encode


def hasten_leaves(schema: GraphQLSchema) -> None:
    """Let values of enumerations and of `DateTime`, which lists have by the hundred, be coerced directly.

    What comes out is the same; what is no such value goes the library's way.
    """
    for kind in schema.type_map.values():
        enum = getattr(kind, "wrapped_cls", None)  # Strawberry's
        if isinstance(kind, GraphQLEnumType) and enum is not None:
            kind.coerce_output_value = _names(enum, kind.coerce_output_value)  # type: ignore[method-assign,assignment]
        elif isinstance(kind, GraphQLScalarType) and kind.name == "DateTime":
            kind.coerce_output_value = _times(kind.coerce_output_value)


def _names(enum: type[Enum], coerce: Coerce) -> Coerce:
    """A lookup by the member's own name, which hashes in C; the member itself does not."""
    names = {member.name: coerce(member) for member in enum}

    def name_of(value: Any) -> Any:
        return names[value._name_] if type(value) is enum else coerce(value)

    return name_of


def _times(coerce: Coerce) -> Coerce:
    """msgspec writes a time as `isoformat` does but for `Z` and for zones with seconds."""
    zones: dict[tzinfo, bool] = {}

    def written(value: Any) -> Any:
        if type(value) is not datetime or type(value.tzinfo) is not timezone:
            return coerce(value)
        plain = zones.get(value.tzinfo)
        if plain is None:
            plain = not value.tzinfo.utcoffset(None) % _MINUTE
            if len(zones) < _MOST_ZONES:
                zones[value.tzinfo] = plain
        if not plain:
            return coerce(value)
        text = _encode(value)[1:-1].decode()
        return text if text[-1] != "Z" else f"{text[:-1]}+00:00"

    return written
