"""Times come out as the library writes them, by whatever way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema
from hypothesis import given
from hypothesis import strategies as st

from gateway.times import hasten_times


@strawberry.type
class Query:
    at: datetime


def schema() -> GraphQLSchema:
    return strawberry.Schema(Query)._schema


def hastened() -> GraphQLSchema:
    found = schema()
    hasten_times(found)
    return found


PLAIN, HASTENED = schema(), hastened()


def coerced(from_schema: GraphQLSchema, value: Any) -> Any:
    found = from_schema.type_map["DateTime"]
    assert isinstance(found, GraphQLScalarType)
    try:
        return found.coerce_output_value(value)
    except (GraphQLError, ValueError, AttributeError, TypeError) as exc:
        return type(exc), str(exc)


def test_times_are_written_by_another_function_than_before() -> None:
    assert hasten_times.__module__ == HASTENED.type_map["DateTime"].coerce_output_value.__module__  # type: ignore[attr-defined]


offsets = st.one_of(
    st.integers(-86_399, 86_399), st.integers(-1_439, 1_439).map(lambda minutes: 60 * minutes), st.just(0)
)
zones = st.one_of(st.none(), st.just(UTC), st.timezones(), offsets.map(lambda one: timezone(timedelta(seconds=one))))


@given(st.datetimes(timezones=zones))
def test_a_time_is_written_as_before(value: datetime) -> None:
    assert coerced(HASTENED, value) == coerced(PLAIN, value) == value.isoformat()


known = st.one_of(st.just(UTC), st.integers(-1_439, 1_439).map(lambda one: timezone(timedelta(minutes=one))))


@given(st.lists(st.datetimes(timezones=known), max_size=4), st.lists(st.datetimes(timezones=zones), max_size=1))
def test_many_times_are_written_as_each_of_them(values: list[datetime], more: list[datetime]) -> None:
    written: Any = HASTENED.type_map["DateTime"].coerce_output_value  # type: ignore[attr-defined]
    expected = [written(value) for value in values]
    assert written.of_all(values) == expected
    assert written.of_all(values + more) == [*expected, *map(written, more)]
    assert written.of_all([*values, None]) is None


def test_many_times_of_a_zone_that_is_known_are_written_at_once() -> None:
    written: Any = hastened().type_map["DateTime"].coerce_output_value  # type: ignore[attr-defined]
    times = [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (1, 2)]
    first = written.of_all(times)
    expected = [written(one) for one in times]
    assert first == written.of_all(times) == expected == ["2026-03-01T09:00:00+00:00", "2026-03-02T09:00:00+00:00"]
    assert written.of_all([]) == []


@pytest.mark.parametrize("value", [date(2026, 3, 1), "2026-03-01", None, 7])
def test_what_is_no_time_goes_the_librarys_way(value: Any) -> None:
    assert coerced(HASTENED, value) == coerced(PLAIN, value)
