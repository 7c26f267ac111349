"""Fields that not everybody may have: the seam between what decides and the executors, which all ask it.

A guarded field's resolver is a `Guarded`, so that whatever executes the schema is stopped. The compiled executor looks
behind it: it asks once for each execution which guards refuse, and compiles those fields to their refusal and all
others to what they are without a guard.
"""

from collections.abc import Hashable, Mapping
from copy import copy
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema
from graphql.execution.executor import default_field_resolver

_GUARDS = "citygate-guards"


class Guard(Hashable, Protocol):
    """Decides by the context alone, in the same way throughout one execution."""

    def refusal(self, context: Any) -> Exception | None:
        """Why the field is refused; None when it is not. Notes in the context that the answer depends on who asks."""
        ...


class Guards(Protocol):
    """All guards of a schema."""

    def refused(self, context: Any) -> frozenset[Guard]:
        """The guards that refuse in this context."""
        ...

    def note(self, context: Any) -> None:
        """Note that the answer depends on who asks."""
        ...

    @property
    def fields(self) -> Mapping[Guard, frozenset[str]]:
        """The names of the fields behind each guard."""
        ...


class Guarded:
    """The resolver of a field behind a guard; `field` is as it is without one."""

    def __init__(self, guard: Guard, field: GraphQLField) -> None:
        self.guard, self.field = guard, field

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Resolve the field if it is not refused."""
        refusal = self.guard.refusal(info.context)
        if refusal is not None:
            raise refusal
        return (self.field.resolve or default_field_resolver)(source, info, **arguments)


def guard(field: GraphQLField, by: Guard) -> None:
    """Put a field behind a guard."""
    field.resolve = Guarded(by, copy(field))


def behind(field: GraphQLField) -> GraphQLField:
    """The field as it is without its guard."""
    return field.resolve.field if isinstance(field.resolve, Guarded) else field


def guard_of(field: GraphQLField) -> Guard | None:
    """The guard of a field."""
    return field.resolve.guard if isinstance(field.resolve, Guarded) else None


def set_guards(schema: GraphQLSchema, guards: Guards) -> None:
    """Tell executors of a schema's guards."""
    schema.extensions[_GUARDS] = guards


def guards_of(schema: GraphQLSchema) -> Guards | None:
    """The guards of a schema that has any."""
    found: Guards | None = schema.extensions.get(_GUARDS)
    return found
