"""Types that records of every domain are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry
from strawberry import Parent

from adapters.contract import records
from resolvers.common.context import Info


def public_enum(enum: type[Enum], description: str, values: Mapping[str, str]) -> None:
    """Show a contract's enumeration in the schema, each of its values with a description.

    Raises: KeyError when a value has none.
    """
    shown = strawberry.enum(enum, description=description)
    for value in shown.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]


public_enum(
    records.Precision,
    "How much of a date is known.",
    {
        "DAY": "The whole date is known.",
        "MONTH": "Year and month are known.",
        "YEAR": "Only the year is known.",
        "UNKNOWN": "Nothing is known.",
    },
)


@strawberry.type(description="A date of which a register may know only a part.")
class PartialDate:
    """Describes `records.PartialDate`."""

    value: str | None = strawberry.field(
        description="`1985-03-07`, `1985-03` or `1985` as `precision` says; null when nothing is known."
    )
    precision: records.Precision = strawberry.field(description="How much of the date is known.")
    under_investigation: bool = strawberry.field(description="True while the register doubts the date.")


@strawberry.type(description="An amount of money.")
class Money:
    """Describes `records.Money`."""

    amount: Decimal = strawberry.field(description='The amount as a decimal in a string, such as `"1250.00"`.')
    currency: str = strawberry.field(description="The currency's ISO 4217 code, such as `CNY`.")


@strawberry.type(description="A place on the earth (WGS 84).")
class GeoPoint:
    """Describes `records.GeoPoint`."""

    latitude: float = strawberry.field(description="Degrees north.")
    longitude: float = strawberry.field(description="Degrees east.")


@strawberry.type(description="A postal address as its department writes it.")
class Address:
    """Describes `records.Address`."""

    lines: list[str] = strawberry.field(description="The address's lines in the order in which it is written.")
    postal_code: str | None = strawberry.field(description="The postal code where the department knows one.")


def _cached(root: Parent[records.Source], info: Info) -> bool:
    info.context.uses.keep = False  # the next answer says something else
    return root.cached


@strawberry.type(description="Where an answer came from.")
class Source:
    """Describes `records.Source`."""

    department: str = strawberry.field(description="The department's name, as in `departments`.")
    as_of: datetime = strawberry.field(description="When the department said so.")
    cached: bool = strawberry.field(
        resolver=_cached, description="True when the gateway had kept the answer since then."
    )
    stale: bool = strawberry.field(
        description="True when the gateway had kept it for longer than it is fresh; `extensions.freshness` says why."
    )
