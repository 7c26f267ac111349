"""From the API's addresses and coordinates to the city's: pure functions, strict."""

from __future__ import annotations

import math

from adapters.contract.errors import BadReply
from adapters.contract.records import Address, GeoPoint

_FIRST_IDEOGRAPH = "\u2e80"


def to_address(street: str | None, number: str | None, *, postal_code: str | None, city: str | None) -> Address | None:
    """The street with its number, then the city; None where the department states neither."""
    door = _door((street or "").strip(), (number or "").strip())
    lines = tuple(line for line in (door, (city or "").strip()) if line)
    return Address(lines=lines, postal_code=(postal_code or "").strip() or None) if lines else None


def to_point(lat: float | str, lon: float | str) -> GeoPoint:
    """Degrees as numbers or decimal strings. Raises: BadReply for anything that is no place on earth."""
    try:
        latitude, longitude = float(lat), float(lon)
    except ValueError as exc:
        raise BadReply("geo has a coordinate that is no number") from exc
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
        raise BadReply("geo lies outside of the earth's degrees")
    return GeoPoint(latitude=latitude, longitude=longitude)


def _door(street: str, number: str) -> str:
    """Chinese sets the number against the street, other scripts apart."""
    return f"{street}{number}" if street[-1:] >= _FIRST_IDEOGRAPH else f"{street} {number}".strip()
