"""The plan of one operation: its code, which grows in slices while it is already used."""

from __future__ import annotations

import time
from functools import partial

from graphql import GraphQLError, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from gateway.graphql.compiled.compiler import Compiler
from gateway.graphql.compiled.fields import Complete
from gateway.graphql.compiled.prepared import Prepared, Unsupported
from gateway.graphql.compiled.runtime_types import Abstract
from gateway.graphql.compiled.settings import Settings

_BYTES_PER_FIELD = 3000
_BYTES_PER_CHARACTER = 4


class Plan:
    """Code for one operation under one setting of the variables that its `@skip` and `@include` read.

    Of the other variables, and of everything else in a request, it keeps nothing.

    Raises from the constructor: Unsupported.
    """

    def __init__(self, prepared: Prepared, settings: Settings, variables: VariableValues) -> None:
        self.prepared = prepared
        self.settings = settings
        self.is_mutation = prepared.operation.operation is OperationType.MUTATION
        self._compiler = Compiler(prepared, settings, _switched(prepared, variables))
        self._until = 0.0
        try:
            self.root_fields, self.root = self._compiler.root()
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
        return self._compiler.characters * _BYTES_PER_CHARACTER + self._compiler.fields * _BYTES_PER_FIELD

    @property
    def is_complete(self) -> bool:
        """Whether nothing that was met is left to graphql-core's own code."""
        return self._compiler.is_complete

    def advance(self) -> None:
        """Compile for one slice of time, as before each execution. Raises: Unsupported."""
        self._until = time.perf_counter() + self.settings.slice_seconds  # for types that are met on the way, too
        self._compiler.advance(self._until)
        if self._compiler.is_too_deep:  # Python's stack would end elsewhere than it does for the original
            raise Unsupported("nested too deeply")

    def branch(self, abstract: Abstract, kind: GraphQLObjectType) -> Complete:
        """What completes values of a type that is met under an abstract one, as far as there is time for it."""
        setter = partial(abstract.branches.__setitem__, kind.name)
        self._compiler.checked(kind, abstract.field, setter)
        self._compiler.advance(self._until)
        return abstract.branches[kind.name]

    def selection(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Complete | None:
        """The selection set of one of this plan's fields on one type, if it has code."""
        place = self._compiler.place(kind, details)
        if place is None:
            return None
        if place.function is None:
            self._compiler.advance(self._until)
        return place.function


def _switched(prepared: Prepared, variables: VariableValues) -> VariableValues:
    names = prepared.switches
    return VariableValues(
        {name: variables.sources[name] for name in names if name in variables.sources},
        {name: variables.coerced[name] for name in names if name in variables.coerced},
    )
