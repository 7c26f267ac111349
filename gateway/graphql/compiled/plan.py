"""The plan of one operation: its code, which grows in slices while it is already used."""

from __future__ import annotations

import time
from collections.abc import Hashable
from functools import partial

from graphql import GraphQLError, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from gateway.graphql.compiled.compiler import Compiler
from gateway.graphql.compiled.fields import Complete
from gateway.graphql.compiled.prepared import Prepared, Unsupported
from gateway.graphql.compiled.runtime_types import Abstract
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.guards import Guard

_BYTES_PER_FIELD = 2000
_BYTES_PER_CHARACTER = 1


class Plan:
    """Code for one operation under one setting of the variables that its `@skip` and `@include` read.

    It is for those whom the same guards refuse. Of the other variables, and of everything else in a request, it keeps
    nothing.

    Raises from the constructor: Unsupported.
    """

    def __init__(
        self, prepared: Prepared, settings: Settings, variables: VariableValues, refused: frozenset[Guard] = frozenset()
    ) -> None:
        self.key: Hashable = None
        """By what it is remembered."""
        self._users = 0
        self._is_retired = False
        self.prepared = prepared
        self.settings = settings
        self.is_mutation = prepared.operation.operation is OperationType.MUTATION
        self._compiler = Compiler(prepared, settings, _switched(prepared, variables), refused)
        try:
            self.root_fields, self.root = self._compiler.root()
        except GraphQLError:  # an argument of @skip or @include: an error of each execution
            raise Unsupported("unfit condition") from None
        except RecursionError:
            raise Unsupported("nested too deeply") from None

    def begin(self) -> None:
        """Somebody uses this plan, until `end`."""
        self._users += 1

    def end(self) -> None:
        """Somebody does not use it any more."""
        self._users -= 1
        self._close_if_done()

    def retire(self) -> None:
        """Nobody will begin any more. Once all have ended, all of it is gone, without a collection of garbage."""
        self._is_retired = True
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._is_retired and not self._users:
            self._compiler.close()
            del self.root, self.root_fields

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

    @property
    def is_guarded(self) -> bool:
        """Whether a guard stands before any of its fields, so that the answer depends on who asks."""
        return self._compiler.is_guarded

    @property
    def is_waiting(self) -> bool:
        """Whether there is something left to compile."""
        return self._compiler.is_waiting

    def advance(self) -> None:
        """Compile for one slice of time, as before each execution. Raises: Unsupported."""
        if self._compiler.is_waiting:
            self._compile()
        if self._compiler.is_too_deep:  # Python's stack would end elsewhere than it does for the original
            raise Unsupported("nested too deeply")

    def branch(self, abstract: Abstract, kind: GraphQLObjectType) -> Complete:
        """What completes values of a type that is met under an abstract one, as far as there is time for it."""
        setter = partial(abstract.branches.__setitem__, kind.name)
        self._compiler.checked(kind, abstract.field, setter)
        self._compile()
        return abstract.branches[kind.name]

    def selection(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Complete | None:
        """The selection set of one of this plan's fields on one type, if it has code."""
        place = self._compiler.place(kind, details)
        if place is None:
            return None
        if place.function is None:
            self._compile()
        return place.function

    def _compile(self) -> None:
        self._compiler.advance(time.perf_counter() + self.settings.slice_seconds)


def _switched(prepared: Prepared, variables: VariableValues) -> VariableValues:
    names = prepared.switches
    return VariableValues(
        {name: variables.sources[name] for name in names if name in variables.sources},
        {name: variables.coerced[name] for name in names if name in variables.coerced},
    )
