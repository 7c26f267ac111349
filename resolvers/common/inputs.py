"""What inputs of several mutations have."""

from __future__ import annotations

import strawberry

from resolvers.common import sensitivity


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
    """A place that a person names."""

    latitude: float = strawberry.field(directives=sensitivity.ADDRESS, description="Degrees north, from -90 to 90.")
    longitude: float = strawberry.field(directives=sensitivity.ADDRESS, description="Degrees east, from -180 to 180.")
