"""What an operation costs: the requests to departments that it may cause at most, known before anything is executed.

It is an upper bound. What is kept is not asked for again, and a field that fails may have asked for less. Fields of one
place in the answer are one field, wherever the document selects them; rows of a list ask together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    value_from_ast_untyped,
)

from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.switches import ALWAYS, Condition, conditions_of, defaults_of


class Charge(NamedTuple):
    """Requests to a department. Of all charges with the same `once`, an operation pays one."""

    department: str
    requests: int
    once: str | None = None


Charges = Sequence[Charge]
ChargesOf = Callable[[Mapping[str, Any]], Charges]
"""A field's charges by its arguments as the client gave them; an argument without a value is absent."""
Prices = Mapping[str, Charges | ChargesOf]
"""Charges by a field's coordinates (`Query.node`)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests by department."""

    departments: Mapping[str, int]
    requests: int

    @classmethod
    def of(cls, departments: Mapping[str, int]) -> Cost:
        """A cost with its sum."""
        return cls(departments, sum(departments.values()))


FREE = Cost.of(MappingProxyType({}))


class _Part(NamedTuple):
    """What a field adds where all its conditions hold; `node` has its arguments."""

    place: str
    charges: Charges | ChargesOf
    node: FieldNode
    conditions: frozenset[Condition]


class CostPlan:
    """An operation's charges, found once; what variables decide is left open."""

    def __init__(self, parts: Sequence[_Part], defaults: Mapping[str, Any]) -> None:
        self._parts, self._defaults = parts, defaults
        depends = any(part.conditions or callable(part.charges) for part in parts)
        self._fixed = None if depends else self._sum({})

    def cost(self, variables: Mapping[str, Any]) -> Cost:
        """The cost with variables as the client gave them. What cannot be coerced is refused later, and costs less."""
        return self._fixed or self._sum({**self._defaults, **variables})

    def _sum(self, variables: Mapping[str, Any]) -> Cost:
        total: Counter[str] = Counter()
        paid: set[str] = set()
        for part in self._parts:
            if part.place in paid or any(variables.get(name, wanted) is not wanted for name, wanted in part.conditions):
                continue
            paid.add(part.place)
            for charge in _charges(part, variables):
                if charge.once is None or charge.once not in paid:
                    total[charge.department] += charge.requests
                    paid.add(charge.once or part.place)
        return Cost.of(total)


def _charges(part: _Part, variables: Mapping[str, Any]) -> Charges:
    if not callable(part.charges):
        return part.charges
    given = {one.name.value: value_from_ast_untyped(one.value, dict(variables)) for one in part.node.arguments or ()}
    return part.charges({name: value for name, value in given.items() if value is not Undefined})


class Costs:
    """Prices the operations of one schema. Raises: ValueError for a price of a field that the schema does not have."""

    def __init__(self, schema: GraphQLSchema, prices: Prices, *, most: int) -> None:
        self._schema, self._prices = schema, prices
        self.most = most
        for coordinates in prices:
            kind, _, field = coordinates.partition(".")
            if field not in getattr(schema.get_type(kind), "fields", {}):
                raise ValueError(f"{coordinates} has a price, and the schema does not have it")

    def plan(self, document: DocumentNode, definition: OperationDefinitionNode) -> CostPlan:
        """The plan of a valid document's operation."""
        root = self._schema.get_root_type(definition.operation)
        parts: dict[tuple[str, frozenset[Condition]], _Part] = {}
        if root is not None and self._prices:
            for part in _Walk(self._schema, document, self._prices).parts(root, definition.selection_set):
                parts.setdefault((part.place, part.conditions), part)
        return CostPlan(list(parts.values()), defaults_of(definition))

    def refuse_excess(self, cost: Cost) -> None:
        """Raise HTTPRefusal 422 for an operation beyond the limit."""
        if cost.requests > self.most:
            raise HTTPRefusal(
                422,
                "COST_LIMIT_EXCEEDED",
                f"The operation may cause {cost.requests} requests to departments; the limit is {self.most}.",
                extensions={"limit": "requests", "maximum": self.most, "cost": as_object(cost)},
            )


def as_object(cost: Cost) -> Mapping[str, Any]:
    """A cost as clients see it."""
    return {"requests": cost.requests, "departments": dict(cost.departments)}


class _Walk:
    """One walk over an operation, with its fragments expanded."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, prices: Prices) -> None:
        self._schema, self._prices = schema, prices
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def parts(
        self,
        parent: GraphQLNamedType,
        selection_set: SelectionSetNode | None,
        place: str = "",
        conditions: frozenset[Condition] = ALWAYS,
    ) -> Iterator[_Part]:
        """Everything that is charged for below a place in the answer."""
        for node in selection_set.selections if selection_set else ():
            holds = conditions_of(node)
            if holds is not None:
                yield from self._selected(parent, node, place, conditions | holds)

    def _selected(
        self, parent: GraphQLNamedType, node: SelectionNode, place: str, conditions: frozenset[Condition]
    ) -> Iterator[_Part]:
        if isinstance(node, FieldNode):
            yield from self._field(parent, node, place, conditions)
            return
        fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        condition = fragment.type_condition
        narrowed = self._schema.get_type(condition.name.value) if condition else parent
        if narrowed is not None:
            yield from self.parts(narrowed, fragment.selection_set, place, conditions)

    def _field(
        self, parent: GraphQLNamedType, node: FieldNode, place: str, conditions: frozenset[Condition]
    ) -> Iterator[_Part]:
        name = node.name.value
        here = f"{place}.{node.alias.value if node.alias else name}"
        for kind in self._objects(parent):
            charges = self._prices.get(f"{kind.name}.{name}")
            if charges is not None:
                part = _Part(f"{here}:{kind.name}", charges, node, conditions)
                yield part._replace(charges=_charges(part, {})) if _has_constant_arguments(node) else part
        definition = getattr(parent, "fields", {}).get(name)
        if definition is not None and node.selection_set is not None:
            yield from self.parts(get_named_type(definition.type), node.selection_set, here, conditions)

    def _objects(self, kind: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        if is_abstract_type(kind):
            return self._schema.get_possible_types(kind)
        return (kind,) if isinstance(kind, GraphQLObjectType) else ()


def _has_constant_arguments(node: FieldNode) -> bool:
    return all(_is_constant(one.value) for one in node.arguments or ())


def _is_constant(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return all(map(_is_constant, value.values))
    if isinstance(value, ObjectValueNode):
        return all(_is_constant(one.value) for one in value.fields)
    return not isinstance(value, VariableNode)
