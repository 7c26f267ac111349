"""From the API's addresses and coordinates to the city's: pure functions, strict."""

from __future__ import annotations

import math

from adapters.contract.errors import BadReply
from adapters.contract.records import Address, GeoPoint

_FIRST_IDEOGRAPH = "\u2e80"


Word = str | bool | None
"""A text; None, an empty one and `false` all stand for nothing."""


def to_address(street: Word, number: Word, *, postal_code: Word, city: Word) -> Address | None:
    """The street with its number, then the city; None where the department states neither.

    Raises: BadReply for `true`, which is no text.
    """
    lines = tuple(line for line in (_door(_text(street), _text(number)), _text(city)) if line)
    return Address(lines=lines, postal_code=_text(postal_code) or None) if lines else None


def to_point(lat: float | str, lon: float | str) -> GeoPoint:
    """Degrees as numbers or decimal strings. Raises: BadReply for anything that is no place on earth."""
    try:
        latitude, longitude = float(lat), float(lon)
    except ValueError as exc:
        raise BadReply("geo has a coordinate that is no number") from exc
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
        raise BadReply("geo lies outside of the earth's degrees")
    return GeoPoint(latitude=latitude, longitude=longitude)


def _text(word: Word) -> str:
    if word is True:
        raise BadReply("a part of an address is true instead of a text")
    return word or ""


def _door(street: str, number: str) -> str:
    """Chinese sets the number against the street, other scripts apart."""
    return f"{street}{number}" if street[-1:] >= _FIRST_IDEOGRAPH else f"{street} {number}".strip()
