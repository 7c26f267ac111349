"""Which places of a schema hold what is about a person: what is `@sensitive`, and what takes in such a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from resolvers.common.sensitivity import Sensitive

Input = GraphQLArgument | GraphQLInputField
_DEFINITION = "strawberry-definition"


def is_declared(place: GraphQLField | Input) -> bool:
    """Whether a field, an argument or an input field is `@sensitive` itself."""
    definition = (place.extensions or {}).get(_DEFINITION)
    directives: Iterable[object] = (definition.directives or ()) if definition is not None else ()
    return any(isinstance(one, Sensitive) for one in directives)


class SensitiveInputs:
    """The inputs of one schema that carry what is about a person.

    Those are what is `@sensitive`, what is called like a field that is (`trackingNumber`, `id`), and what takes the id
    of a type whose `id` is (`appointmentId`, `appointmentIds`). Whatever is below one is sensitive with it.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._names = frozenset(_names(schema))

    def cover(self, name: str, place: Input) -> bool:
        """Whether the argument or input field of that name is one of them by itself."""
        return name.removesuffix("s") in self._names or name in self._names or is_declared(place)


def _names(schema: GraphQLSchema) -> Iterator[str]:
    for kind in schema.type_map.values():
        for name, place in _places(kind):
            if is_declared(place):
                yield name
                if name == "id":
                    yield f"{kind.name[0].lower()}{kind.name[1:]}Id"


def _places(kind: Any) -> Iterable[tuple[str, GraphQLField | GraphQLInputField]]:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield from kind.fields.items()
