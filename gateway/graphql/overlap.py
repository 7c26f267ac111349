"""Field Selection Merging (GraphQL, section 5.3.2) in time linear in the fields, where that can be told so.

graphql-core compares fields in pairs, and fragments in pairs of pairs. Here the fields of one response name, from
all selection sets that are merged, are compared with the first of them only. Whoever needs more than that to be
found valid, or is not valid, is left to graphql-core, which says why, within a budget of comparisons.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    TypeNameMetaFieldDef,
    ValidationContext,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    is_object_type,
)

MOST_COMPARISONS = 5000
MOST_VISITS = 5000
_DEEPEST = 64


class OverlappingFieldsRule(OverlappingFieldsCanBeMergedRule):
    """graphql-core's rule, asked only where `Merging` is not certain, and then within a budget."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MOST_COMPARISONS
        self._certain = Merging(context.schema, context.document).certain()

    def enter_selection_set(self, *arguments: Any) -> None:
        """Compare the fields of one selection set."""
        if not self._certain:
            super().enter_selection_set(*arguments)


class _Selected(NamedTuple):
    parent: GraphQLNamedType
    node: FieldNode
    definition: GraphQLField


_Level = Iterable[tuple[GraphQLNamedType | None, SelectionSetNode]]


class Merging:
    """Whether all fields of a document's operations can be merged; `visits` counts the selections looked at."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self.visits = 0

    def certain(self) -> bool:
        """True when no two fields conflict; False when some do, or when it would take too long to tell."""
        try:
            for operation in self._operations:
                root = self._schema.get_root_type(operation.operation)
                if root is not None:
                    self._merge([(root, operation.selection_set)], 0)
        except _Uncertain:
            return False
        return True

    def _merge(self, level: _Level, depth: int) -> None:
        if depth > _DEEPEST:
            raise _Uncertain
        names: dict[str, list[_Selected]] = {}
        spread: set[str] = set()
        for parent, selection_set in level:
            self._collect(parent, selection_set, names, spread)
        for selected in names.values():
            if len(selected) > 1:
                _require_agreement(selected)
            below = {
                id(one.node): (get_named_type(one.definition.type), one.node.selection_set)
                for one in selected
                if one.node.selection_set
            }
            if below:
                self._merge(below.values(), depth + 1)

    def _collect(
        self,
        parent: GraphQLNamedType | None,
        selection_set: SelectionSetNode,
        names: dict[str, list[_Selected]],
        spread: set[str],
    ) -> None:
        for node in selection_set.selections:
            self.visits += 1
            if self.visits > MOST_VISITS:
                raise _Uncertain
            if isinstance(node, FieldNode):
                self._select(parent, node, names)
            elif isinstance(node, InlineFragmentNode):
                self._collect(self._condition(node) or parent, node.selection_set, names, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self._fragments.get(node.name.value)
                if fragment is not None:
                    self._collect(self._condition(fragment), fragment.selection_set, names, spread)

    def _select(self, parent: GraphQLNamedType | None, node: FieldNode, names: dict[str, list[_Selected]]) -> None:
        """What is unknown is passed over: other rules refuse it."""
        definition: GraphQLField | None = None
        if node.name.value == "__typename":
            definition = TypeNameMetaFieldDef
        elif isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            definition = self._schema.get_field(parent, node.name.value)
        if parent is not None and definition is not None:
            name = node.alias.value if node.alias else node.name.value
            names.setdefault(name, []).append(_Selected(parent, node, definition))

    def _condition(self, node: InlineFragmentNode | FragmentDefinitionNode) -> GraphQLNamedType | None:
        return self._schema.get_type(node.type_condition.name.value) if node.type_condition else None


class _Uncertain(Exception):
    """It cannot be told here."""


def _require_agreement(selected: list[_Selected]) -> None:
    """Same shape for all; same field with the same arguments wherever the parents may be of one type."""
    shape = _shape(selected[0].definition)
    if any(_shape(one.definition) != shape for one in selected[1:]):
        raise _Uncertain
    apart = all(is_object_type(one.parent) for one in selected)
    asked: dict[str, Any] = {}
    for one in selected:
        what = _asked(one.node)
        if asked.setdefault(one.parent.name if apart else "", what) != what:
            raise _Uncertain


def _shape(definition: GraphQLField) -> str:
    """SameResponseShape(): lists and non-nulls, and the type of a leaf."""
    text, named = str(definition.type), get_named_type(definition.type)
    return text if is_leaf_type(named) else text.replace(named.name, "{}")


def _asked(node: FieldNode) -> tuple[Any, ...]:
    if any(directive.name.value == "stream" for directive in node.directives or ()):
        raise _Uncertain
    return (node.name.value, *sorted((one.name.value, _value(one.value)) for one in node.arguments or ()))


def _value(node: ValueNode) -> str:
    """Equal only where graphql-core finds the values equal."""
    if isinstance(node, ObjectValueNode):
        return "{" + ",".join(sorted(f"{field.name.value}:{_value(field.value)}" for field in node.fields)) + "}"
    if isinstance(node, ListValueNode):
        return "[" + ",".join(map(_value, node.values)) + "]"
    if isinstance(node, VariableNode):
        return f"${node.name.value}"
    return f"{node.kind}:{getattr(node, 'block', None)}:{getattr(node, 'value', None)!r}"
