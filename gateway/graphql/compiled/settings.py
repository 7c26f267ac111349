"""What one compiling executor is set to."""

from dataclasses import dataclass

from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.type import GraphQLFieldResolver, GraphQLTypeResolver

from gateway.graphql.limits import MOST_ERRORS, MOST_ITEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How plans are made and kept; `hide_suggestions` and the resolvers are as graphql-core's `execute` has them.

    - `sightings`: how often an operation has to be seen before it is compiled (1: at once).
    - `slice_seconds`: how long one execution may go on compiling; what is left then runs as in graphql-core.
    - `slice_units`: how much is executed at a time, in the units of `gateway.graphql.compiled.pace`.
    - `max_items`, `max_errors`: of a whole answer; beyond them it is refused. `max_flying`: values awaited at once.
    - `max_fields`: fields of one plan, each counted once for each object type that it is selected on.
    - `max_plans`, `max_bytes`: plans remembered, and an estimate of the memory that they take.
    """

    sightings: int = 1
    slice_seconds: float = 0.004
    slice_units: int = 50_000
    max_items: int = MOST_ITEMS
    max_errors: int = MOST_ERRORS
    max_flying: int = 500
    max_fields: int = 1000
    max_plans: int = 500
    max_bytes: int = 24 * 1024 * 1024
    max_coercion_errors: int = 20
    hide_suggestions: bool = False
    field_resolver: GraphQLFieldResolver = default_field_resolver
    type_resolver: GraphQLTypeResolver = default_type_resolver
