"""The register's small words: typed dates, rows of code tables, and doubts."""

from __future__ import annotations

import msgspec

from adapters.contract.records import PartialDate, Precision
from adapters.products.brp.wire import Datum, JaarDatum, JaarMaandDatum, VolledigeDatum, Waarde


def partial_date(raw: Datum | None, *, doubted: bool) -> PartialDate | None:
    """A typed date as far as it is known; None where the register has none."""
    if raw is None:
        return None
    match raw:
        case VolledigeDatum(datum=known):
            value, precision = known.isoformat(), Precision.DAY
        case JaarMaandDatum(jaar=year, maand=month):
            value, precision = f"{year:04d}-{month:02d}", Precision.MONTH
        case JaarDatum(jaar=year):
            value, precision = f"{year:04d}", Precision.YEAR
        case _:
            return PartialDate(value=None, precision=Precision.UNKNOWN, under_investigation=doubted)
    return PartialDate(value=value, precision=precision, under_investigation=doubted)


def word(raw: Waarde | None) -> str | None:
    """The name of a table's row, or else its code: a place abroad has no code, a bare code has no name."""
    return (raw.omschrijving or raw.code) if raw else None


def doubted(part: object) -> bool:
    """Whether the register doubts this part of a reply or anything in it."""
    if isinstance(part, tuple):
        return any(map(doubted, part))
    if not isinstance(part, msgspec.Struct):
        return False
    flags: dict[str, object] = getattr(part, "inOnderzoek", {})
    return any(flag is True for flag in flags.values()) or any(
        doubted(getattr(part, name)) for name in part.__struct_fields__
    )
