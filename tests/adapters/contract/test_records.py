"""What crosses a port comes back from a cache as it went in."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract.operations import Operation, operations
from adapters.contract.records import PartialDate, Precision

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    int: st.integers(-(2**60), 2**60),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    date: st.dates(),
    datetime: st.datetimes(timezones=ZONES).map(lambda each: each.replace(fold=0)),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    PartialDate: st.one_of(
        st.builds(PartialDate, value=st.dates().map(str), precision=st.just(Precision.DAY)),
        st.builds(PartialDate, value=st.just("1985-03"), precision=st.just(Precision.MONTH)),
        st.builds(PartialDate, value=st.none(), precision=st.just(Precision.UNKNOWN)),
    ),
}


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911  # one line per form of a type
    """Values of a record's field, after its type."""
    kind = getattr(kind, "__supertype__", kind)
    if kind in PLAIN:
        return PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return values(arguments[0]).filter(lambda value: _fits(value, kind))
    if origin in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(values(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    hints = get_type_hints(kind, include_extras=True)
    fields = {name: hints[name] for name in kind.__struct_fields__}
    return st.deferred(lambda: st.builds(kind, **{name: values(hint) for name, hint in fields.items()}))


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


# A currency is three capitals: too rare to be filtered for.
PLAIN[Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]] = st.sampled_from(["CNY", "EUR"])
PLAIN[Annotated[float, msgspec.Meta(ge=-90, le=90)]] = st.floats(-90, 90)
PLAIN[Annotated[float, msgspec.Meta(ge=-180, le=180)]] = st.floats(-180, 180)


@pytest.mark.parametrize("operation", operations().values(), ids=lambda operation: operation.name)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_result_survives_the_cache(operation: Operation, data: st.DataObject) -> None:
    record = data.draw(values(operation.result))
    kept = msgspec.json.encode(record)
    assert msgspec.json.decode(kept, type=operation.result | None) == record


@pytest.mark.parametrize(
    ("value", "precision"),
    [
        ("1985-02-30", Precision.DAY),
        ("1985-3-7", Precision.DAY),
        ("1985-13", Precision.MONTH),
        ("85", Precision.YEAR),
        (None, Precision.YEAR),
        ("1985", Precision.UNKNOWN),
        ("1985-03-07\n", Precision.DAY),
    ],
)
def test_a_partial_date_is_as_exact_as_it_says(value: str | None, precision: Precision) -> None:
    with pytest.raises(ValueError, match=r"partial date|day is out of range"):
        PartialDate(value=value, precision=precision)
