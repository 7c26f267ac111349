"""`DateTime` as the schema's library writes it, without the detour through a scalar's several functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

import msgspec
from graphql import GraphQLScalarType, GraphQLSchema

_MOST_ZONES = 64
_MINUTE = timedelta(minutes=1)
_encode = msgspec.json.Encoder().encode


def hasten_times(schema: GraphQLSchema) -> None:
    """Let times, which lists have by the hundred, be written directly: the same text.

    What is no time goes the library's way.
    """
    kind = schema.type_map.get("DateTime")
    if isinstance(kind, GraphQLScalarType):
        kind.coerce_output_value = _times(kind.coerce_output_value)


def _times(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """msgspec writes a time as `isoformat` does but for `Z` and for zones with seconds."""
    zones: dict[tzinfo, bool] = {}

    def written(value: Any) -> Any:
        if type(value) is not datetime:
            return coerce(value)
        if type(value.tzinfo) is not timezone:
            return value.isoformat()
        plain = zones.get(value.tzinfo)
        if not (_learn(zones, value.tzinfo) if plain is None else plain):
            return value.isoformat()
        text = _encode(value)[1:-1].decode()
        return text if text[-1] != "Z" else f"{text[:-1]}+00:00"

    written.of_all = _of_all(zones)  # type: ignore[attr-defined]
    return written


def _learn(zones: dict[tzinfo, bool], zone: tzinfo | None) -> bool:
    """Whether times in a zone are as msgspec writes them; remembered of the first zones."""
    plain = type(zone) is timezone and not zone.utcoffset(None) % _MINUTE
    if zone is not None and len(zones) < _MOST_ZONES:
        zones[zone] = plain
    return plain


def _of_all(zones: dict[tzinfo, bool]) -> Callable[[Sequence[Any]], list[str] | None]:
    """As `written` for many times; None where one is none."""

    def of_all(values: Sequence[Any]) -> list[str] | None:
        if not {datetime}.issuperset(map(type, values)):
            return None
        met = {value.tzinfo for value in values}
        if not values or not all(zones.get(zone) or _learn(zones, zone) for zone in met):
            return [value.isoformat() for value in values]
        return _encode(values)[2:-2].decode().replace("Z", "+00:00").split('","')

    return of_all
