"""What every mutation's input has, and what several may have."""

from __future__ import annotations

import strawberry

from adapters.contract.records import GeoPoint
from resolvers.common import sensitivity
from resolvers.common.problems import Problems


@strawberry.input
class Order:
    """Base of inputs; not a type of the schema itself."""

    idempotency_key: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER,
        default=None,
        description="A key of the client's own, up to 64 characters. Repeating the mutation with the same key and "
        "input gives the first answer again, and nothing happens twice.",
    )
    client_mutation_id: str | None = strawberry.field(
        directives=sensitivity.WORDS,
        default=None,
        description="Comes back unchanged in the payload; for the client's own use.",
    )


@strawberry.input(description="A place on a map (WGS 84).")
class GeoPointInput:
    """Degrees, checked by `point`."""

    latitude: float = strawberry.field(directives=sensitivity.ADDRESS, description="Degrees north, from -90 to 90.")
    longitude: float = strawberry.field(directives=sensitivity.ADDRESS, description="Degrees east, from -180 to 180.")


def point(place: GeoPointInput, problems: Problems, *path: str) -> GeoPoint:
    """The place, with a problem noted for each of its degrees that is none."""
    if not -90 <= place.latitude <= 90:
        problems.add("OUT_OF_RANGE", *path, "latitude")
    if not -180 <= place.longitude <= 180:
        problems.add("OUT_OF_RANGE", *path, "longitude")
    return GeoPoint(latitude=place.latitude, longitude=place.longitude)
