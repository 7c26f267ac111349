"""Puts every field of the schema behind the permission that its directives and those of its types demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLSchema

from gateway.graphql.guards import Guard, guard, set_guards
from resolvers.common.context import Context, Viewer
from resolvers.common.permissions import Permission, permission_of

MOST_STANDINGS = 512
_DEFINITION = "strawberry-definition"


class Permissions:
    """The distinct permissions of a schema; which refuse is remembered by what they look at."""

    def __init__(self, fields: Mapping[Permission, frozenset[str]]) -> None:
        self._fields = fields
        self._refusing = lru_cache(MOST_STANDINGS)(self._find_refusing)

    @property
    def fields(self) -> Mapping[Guard, frozenset[str]]:
        """The names of the fields that each permission is for."""
        return cast("Mapping[Guard, frozenset[str]]", self._fields)

    def refused(self, context: Context) -> frozenset[Guard]:
        """The permissions that who asks does not have."""
        viewer = context.viewer
        return self._refusing(None) if viewer is None else self._refusing((viewer.scopes, viewer.assurance))

    def note(self, context: Context) -> None:
        """Note that the answer depends on who asks."""
        context.uses.personal = True

    def _find_refusing(self, standing: Any) -> frozenset[Guard]:
        viewer = None if standing is None else Viewer(_ANYBODY, scopes=standing[0], assurance=standing[1])
        return frozenset(one for one in self._fields if one.refusal_of(viewer) is not None)


_ANYBODY: Any = "anybody"


def enforce(schema: GraphQLSchema) -> None:
    """Guard the fields of every object type; what an interface demands, each type that implements it does."""
    names: defaultdict[Permission, set[str]] = defaultdict(set)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                permission = permission_of(_directives(kind, name))
                if permission is not None:
                    guard(field, permission)
                    names[permission].add(name)
    set_guards(schema, Permissions({one: frozenset(fields) for one, fields in names.items()}))


def _directives(kind: GraphQLObjectType, field: str) -> Iterator[object]:
    for each in (kind, *kind.interfaces):
        yield from _declared(each)
        if field in each.fields:
            yield from _declared(each.fields[field])


def _declared(thing: Any) -> Iterable[object]:
    definition = (thing.extensions or {}).get(_DEFINITION)
    return (definition.directives or ()) if definition is not None else ()
