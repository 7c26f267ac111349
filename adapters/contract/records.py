"""What every domain's records are made of: identifiers, money, partial dates, places, and where data came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, NewType, TypeVar

import msgspec

PersonId = NewType("PersonId", str)
"""A natural person's identity number, the same at every department of the city."""
TaxpayerId = NewType("TaxpayerId", str)
"""A person's or a company's number at the tax office."""
OfficeId = NewType("OfficeId", str)
ServiceId = NewType("ServiceId", str)
Key = TypeVar("Key")
Value = TypeVar("Value")


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of what crosses a port: immutable, compared by value, encodable by msgspec.

    Immutable values cannot refer back to what holds them, so that the collector of cycles need not know them.

    `personal` names the fields that a read fills only when they are selected, nested ones dotted (`members.name`); the
    others of them are None, or empty.
    """

    personal: ClassVar[frozenset[str]] = frozenset()


class Money(Record, frozen=True):
    """A decimal amount in a currency (ISO 4217, upper case)."""

    amount: Decimal
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class GeoPoint(Record, frozen=True):
    """WGS 84, in degrees."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Precision(Enum):
    """How much of a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


class PartialDate(Record, frozen=True):
    """A date of which registers may know only a part.

    `value` is `1985-03-07`, `1985-03`, `1985`, or None, as `precision` says. `under_investigation` means that the
    register doubts it at present.
    """

    value: str | None
    precision: Precision
    under_investigation: bool = False

    def __post_init__(self) -> None:
        shape = _SHAPES[self.precision]
        if (self.value is None) != (shape is None) or (shape and not re.fullmatch(shape, self.value or "")):
            raise ValueError(f"a partial date of precision {self.precision.value} has another form")
        if self.precision is Precision.DAY and self.value:
            date.fromisoformat(self.value)


_SHAPES = {
    Precision.DAY: r"\d{4}-\d\d-\d\d",
    Precision.MONTH: r"\d{4}-(0[1-9]|1[0-2])",
    Precision.YEAR: r"\d{4}",
    Precision.UNKNOWN: None,
}


class Address(Record, frozen=True):
    """A postal address as its department writes it: `lines` from the most to the least specific."""

    lines: tuple[str, ...]
    postal_code: str | None = None
    division_code: str | None = None


class Source(Record, frozen=True):
    """Where an answer came from: the department, when it said so, and whether a cache kept it since.

    `stale` means that the cache kept it for longer than it is fresh.
    """

    department: str
    as_of: datetime
    cached: bool
    stale: bool = False


class Answer(dict[Key, Value]):
    """What a read returns through the runtime: a mapping that also knows each key's `Source`."""

    def __init__(self, found: Mapping[Key, Value], source: Callable[[Key], Source | None]) -> None:
        super().__init__(found)
        self.source = source


def source_of(answer: Mapping[Key, Value], key: Key) -> Source | None:
    """The source of one key of a read's answer; None for a mapping that did not come through the runtime."""
    return answer.source(key) if isinstance(answer, Answer) else None
