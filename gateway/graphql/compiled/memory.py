"""What is remembered of operations: how often they were seen, and their plans, each bounded."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import DocumentNode, GraphQLSchema

from gateway.garbage import COLLECTOR
from gateway.graphql.compiled.plan import Plan
from gateway.graphql.compiled.prepared import Prepared

_MOST_OPERATIONS = 4000
MOST_VARIANTS = 16
BYTES_PER_OBJECT = 400
"""Of the size of a plan, as measured."""


class OperationKey(NamedTuple):
    """An operation of a document that lives; the document's text is not looked at again."""

    schema: int
    document: int
    name: str | None


@dataclass(slots=True, eq=False)
class Known:
    """What is known of an operation. `refusal` says why it has no plans; `variants` are settings of its switches."""

    document: weakref.ref[DocumentNode]
    schema: weakref.ref[GraphQLSchema]
    sightings: int = 0
    prepared: Prepared | None = None
    refusal: str | None = None
    variants: dict[Hashable, Variant] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Variant:
    """One setting of an operation's switches."""

    sightings: int = 0
    refusal: str | None = None


class Operations:
    """Every operation seen of late, as long as its document lives."""

    def __init__(self) -> None:
        self._known: OrderedDict[OperationKey, Known] = OrderedDict()

    def get(self, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> tuple[OperationKey, Known]:
        """What is known of an operation, which may be nothing yet."""
        key = OperationKey(id(schema), id(document), name)
        known = self._known.get(key)
        if known is None or known.document() is not document or known.schema() is not schema:
            known = self._known[key] = Known(
                weakref.ref(document, lambda _: self._known.pop(key, None)), weakref.ref(schema)
            )
            if len(self._known) > _MOST_OPERATIONS:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return key, known


class Plans:
    """Least recently used plans, bounded in number and in bytes as estimated."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._plans: OrderedDict[Hashable, tuple[Plan, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, key: Hashable) -> Plan | None:
        """A plan, used last from now on."""
        entry = self._plans.get(key)
        if entry is None:
            return None
        self._plans.move_to_end(key)
        return entry[0]

    def measure(self, plan: Plan) -> None:
        """Count a plan that is remembered at the size that it has grown to."""
        entry = self._plans.get(plan.key)
        if entry is not None and entry[0] is plan and plan.size != entry[1]:
            self.put(plan.key, plan)

    def put(self, key: Hashable, plan: Plan) -> None:
        """Remember a plan; forget the oldest beyond the bounds."""
        replaced = self._take(key)
        if replaced is not None and replaced is not plan:
            replaced.retire()
        plan.key = key
        self._plans[key] = (plan, plan.size)
        self.bytes += plan.size
        COLLECTOR.made(plan.size // BYTES_PER_OBJECT)
        while len(self._plans) > self._most or (self.bytes > self._most_bytes and len(self._plans) > 1):
            oldest = self._take(next(iter(self._plans)))
            if oldest is not None:
                oldest.retire()

    def _take(self, key: Hashable) -> Plan | None:
        entry = self._plans.pop(key, None)
        if entry is None:
            return None
        self.bytes -= entry[1]
        return entry[0]
