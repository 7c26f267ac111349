"""A field at its place in an operation: what the code that runs it needs to know of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

from gateway.graphql.guards import Guard

Complete = Callable[..., Any]
"""`(run, value, path, index, info)` -> completed value or coroutine; the value's path is `at(path, index)`."""


@dataclass(slots=True, eq=False)
class Field:
    """Static facts of a field under one response key of one selection set.

    Stands in for GraphQLResolveInfo where graphql-core reads only `parent_type` and `field_name` of it.
    """

    key: str
    field_name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    return_type: GraphQLOutputType
    nodes: list[FieldNode]
    guard: Guard | None = None
    """What stands before it."""
    complete: Complete | None = field(default=None)
    """Completes values of a plain class; None for leaves."""

    def path(self, parent: Path | None, index: int | None) -> Path:
        """The field's path below its object, which is at `parent`, or item `index` of the list there."""
        return Path(at(parent, index), self.key, self.parent_type.name)

    @property
    def head(self) -> tuple[Any, ...]:
        """The first parts of GraphQLResolveInfo, which are the same in each execution."""
        return self.field_name, self.nodes, self.return_type, self.parent_type

    @property
    def coordinate(self) -> str:
        """The field in the schema, for people."""
        return f"{self.parent_type.name}.{self.field_name}: {self.return_type}"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """The items of a list at one depth of a field's type."""

    field: Field
    type: GraphQLOutputType


def at(path: Path | None, index: int | None) -> Path | None:
    """The path of an object: its field's, or that of its place in a list."""
    return path if index is None else Path(path, index, None)
