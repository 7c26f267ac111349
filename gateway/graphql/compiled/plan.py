"""The plan of one operation: its compiled selection sets, and those that are compiled once they are met."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from graphql import GraphQLError, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from gateway.graphql.compiled.compiler import Compiler, Place
from gateway.graphql.compiled.fields import Complete, Field
from gateway.graphql.compiled.prepared import Prepared, Unsupported
from gateway.graphql.compiled.settings import Settings

if TYPE_CHECKING:
    from gateway.graphql.compiled.run import Run

_BYTES_PER_FIELD = 3000
_BYTES_PER_CHARACTER = 4


class Plan:
    """Code for one operation under one setting of the variables that its `@skip` and `@include` read.

    Raises from the constructor: Unsupported.
    """

    def __init__(self, prepared: Prepared, settings: Settings, variables: VariableValues) -> None:
        self.prepared = prepared
        self.settings = settings
        self.is_mutation = prepared.operation.operation is OperationType.MUTATION
        self._compiler = Compiler(prepared, settings)
        self._selections: dict[Place, Complete | None] = {}
        try:
            self.root_fields, self.root = self._compiler.root(variables)
        except GraphQLError:  # an argument of @skip or @include: an error of each execution
            raise Unsupported("unfit condition") from None
        except RecursionError:
            raise Unsupported("nested too deeply") from None

    @property
    def source(self) -> str:
        """The Python of this plan, for people."""
        return self._compiler.source

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return len(self.source) * _BYTES_PER_CHARACTER + self._compiler.fields * _BYTES_PER_FIELD

    def branch(self, run: Run, field: Field, kind: GraphQLObjectType) -> Complete | None:
        """What completes values of one type under a field of an abstract type; None when the plan is full."""
        return self._try(lambda: self._compiler.checked(kind, field, run.variable_values))

    def selection(self, run: Run, kind: GraphQLObjectType, details: FieldDetailsList) -> Complete | None:
        """The selection set of one of this plan's fields on one type; None for any other field."""
        place = kind, id(details)
        if place in self._selections:
            return self._selections[place]
        if not self._compiler.knows(details):  # made in passing by graphql-core; its identity says nothing
            return None
        found = self._try(lambda: self._compiler.selection(kind, details, run.variable_values))
        self._selections[place] = found
        return found

    def _try(self, compile_part: Callable[[], Complete]) -> Complete | None:
        try:
            return compile_part()
        except (Unsupported, GraphQLError, RecursionError):
            return None
