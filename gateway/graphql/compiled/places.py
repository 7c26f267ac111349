"""The places of an operation where an object type's fields are selected, each with a function once it is compiled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList

from gateway.graphql.compiled.fields import Complete, Field, at


@dataclass(slots=True, eq=False)
class Place:
    """A type under the fields of one response key, `depth` fields down.

    Until it is compiled, graphql-core's own code runs it.
    """

    type: GraphQLObjectType
    details: FieldDetailsList
    depth: int
    function: Complete | None = None
    _users: list[Callable[[Complete], None]] = field(default_factory=list)

    def use(self, setter: Callable[[Complete], None]) -> None:
        """Hand over the function now, and again when there is a better one."""
        setter(self.function or partial(uncompiled, self))
        self._users.append(setter)

    def compiled(self, function: Complete) -> None:
        """Hand the function to all that use it."""
        self.function = function
        for setter in self._users:
            setter(function)
        self._users.clear()

    def close(self) -> None:
        """Let go of the function, and of who uses it."""
        self.function = None
        self._users.clear()


def uncompiled(place: Place, run: Any, value: Any, path: Any, index: int | None, _info: Any) -> Any:
    """Execute the fields of a place as the original does."""
    return run.execute_uncompiled(place.type, place.details, at(path, index), value)


def used_by(field_: Field, place: Place) -> None:
    """Complete a field's values by a place."""
    place.use(partial(setattr, field_, "complete"))
