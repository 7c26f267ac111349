"""Enumerations and times come out as the library writes them, by whatever way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLError, GraphQLScalarType, GraphQLSchema
from hypothesis import given
from hypothesis import strategies as st

from gateway.leaves import hasten_leaves


@strawberry.enum
class Light(Enum):
    RED = "r"
    AMBER = "a"
    YELLOW = "a"  # noqa: PIE796  # an alias
    GREEN = strawberry.enum_value("g", name="GO")


class Other(Enum):
    RED = "r"


@strawberry.type
class Query:
    at: datetime
    light: Light


def schema() -> GraphQLSchema:
    return strawberry.Schema(Query)._schema


def hastened() -> GraphQLSchema:
    found = schema()
    hasten_leaves(found)
    return found


PLAIN, HASTENED = schema(), hastened()


def coerced(from_schema: GraphQLSchema, kind: str, value: Any) -> Any:
    found = from_schema.type_map[kind]
    assert isinstance(found, GraphQLEnumType | GraphQLScalarType)
    try:
        return found.coerce_output_value(value)
    except (GraphQLError, ValueError, AttributeError, TypeError) as exc:
        return type(exc), str(exc)


def test_the_leaves_are_other_functions_than_before() -> None:
    for kind in ("Light", "DateTime"):
        assert "leaves" in HASTENED.type_map[kind].coerce_output_value.__module__  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [*Light, Light.YELLOW, Other.RED, "RED", "r", "g", None, 7, [], Light])
def test_an_enumerations_value_is_named_as_before(value: Any) -> None:
    assert coerced(HASTENED, "Light", value) == coerced(PLAIN, "Light", value)


offsets = st.one_of(
    st.integers(-86_399, 86_399), st.integers(-1_439, 1_439).map(lambda minutes: 60 * minutes), st.just(0)
)
zones = st.one_of(st.none(), st.just(UTC), st.timezones(), offsets.map(lambda one: timezone(timedelta(seconds=one))))


@given(st.datetimes(timezones=zones))
def test_a_time_is_written_as_before(value: datetime) -> None:
    assert coerced(HASTENED, "DateTime", value) == coerced(PLAIN, "DateTime", value) == value.isoformat()


@pytest.mark.parametrize("value", [date(2026, 3, 1), "2026-03-01", None, 7])
def test_what_is_no_time_goes_the_librarys_way(value: Any) -> None:
    assert coerced(HASTENED, "DateTime", value) == coerced(PLAIN, "DateTime", value)
