"""Which classes are plain: those whose values hide nothing."""

import datetime
import decimal
import enum
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import pytest
from graphql.pyutils import Undefined

from gateway.graphql.compiled.classes import PLAIN, RECORDS, learn, reader


@dataclass(frozen=True, slots=True)
class Record:
    name: str = "a record"


class Struct(msgspec.Struct):
    name: str = "a struct"


class Tuple(NamedTuple):
    name: str = "a tuple"


class Colour(enum.Enum):
    RED = 1


class Called:
    def __call__(self) -> int:
        return 1


class Awaited:
    def __await__(self) -> Any:
        return iter(())


class Streamed:
    def __aiter__(self) -> AsyncIterator[int]:
        raise NotImplementedError


class Proxy:
    def __getattr__(self, name: str) -> Any:
        return None


class Masked:
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return ValueError


class Heir(Awaited): ...


async def _coroutine() -> None: ...


@pytest.mark.parametrize(
    "value",
    [
        "", 1, 1.5, True, [], (), {}, Record(), Struct(), Tuple(), Colour.RED, datetime.datetime(2026, 1, 1),
        datetime.date(2026, 1, 1), uuid.uuid4(), decimal.Decimal(1), MappingProxyType({}), object(),
    ],
)  # fmt: skip
def test_plain(value: object) -> None:
    assert learn(type(value))
    assert type(value) in PLAIN
    assert (type(value) in RECORDS) is not isinstance(value, Mapping)


@pytest.mark.parametrize(
    "value",
    [None, Undefined, ValueError(), Called(), Awaited(), Streamed(), Proxy(), Masked(), Heir(), int, len, lambda: 1],
)
def test_not_plain(value: object) -> None:
    assert not learn(type(value))
    assert type(value) not in PLAIN


def test_a_coroutine_is_not_plain() -> None:
    coroutine = _coroutine()
    assert not learn(type(coroutine))
    coroutine.close()


class Odd(dict[str, int]):
    """A mapping of a class of its own."""


@pytest.mark.parametrize(("source", "found"), [({"name": 1}, 1), (Odd(name=2), 2), (MappingProxyType({"name": 3}), 3)])
def test_a_mapping_is_read_by_key(source: Any, found: int) -> None:
    assert reader(source)("name") == found
    assert reader(source)("other") is None


def test_anything_else_is_read_by_attribute() -> None:
    assert reader(Record()) is None
    proxy = reader(Proxy())
    assert proxy("anything") is None
    assert reader(Called())("other") is None
