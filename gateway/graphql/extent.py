"""How much a document asks for, counted on its syntax alone and before validation."""

from collections.abc import Mapping
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


class Extent(NamedTuple):
    """Levels of fields and of selection sets; numbers of fields, spreads, aliases and fields of the first level.

    Fragments are expanded. `introspection` counts the fields `__schema` and `__type`.
    """

    depth: int = 0
    nesting: int = 0
    fields: int = 0
    spreads: int = 0
    aliases: int = 0
    root_fields: int = 0
    introspection: int = 0

    def beside(self, other: "Extent") -> "Extent":
        """Both in one selection set."""
        return Extent(
            max(self.depth, other.depth),
            max(self.nesting, other.nesting),
            self.fields + other.fields,
            self.spreads + other.spreads,
            self.aliases + other.aliases,
            self.root_fields + other.root_fields,
            self.introspection + other.introspection,
        )

    def apart(self, other: "Extent") -> "Extent":
        """Both as operations of one document, of which one is executed."""
        together = self.beside(other)
        return together._replace(
            aliases=max(self.aliases, other.aliases), root_fields=max(self.root_fields, other.root_fields)
        )


def extent_of(document: DocumentNode) -> Extent:
    """The extent of all operations; RecursionError when nested too deeply.

    A fragment that spreads itself counts as empty there: validation refuses it.
    """
    measure = _Measure({d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)})
    extent = Extent()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            extent = extent.apart(measure.selection_set(definition.selection_set))
    return extent


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Extent] = {}

    def selection_set(self, node: SelectionSetNode | None) -> Extent:
        if node is None:
            return Extent()
        total = Extent()
        for selection in node.selections:
            total = total.beside(self._selection(selection))
        return total._replace(nesting=total.nesting + 1)

    def _selection(self, node: object) -> Extent:
        if isinstance(node, FieldNode):
            inner = self.selection_set(node.selection_set)
            return inner._replace(
                depth=inner.depth + 1,
                fields=inner.fields + 1,
                aliases=inner.aliases + (node.alias is not None),
                root_fields=1,
                introspection=inner.introspection + (node.name.value in ("__schema", "__type")),
            )
        if isinstance(node, InlineFragmentNode):
            return self.selection_set(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        inner = self._fragment(node.name.value)
        return inner._replace(spreads=inner.spreads + 1)

    def _fragment(self, name: str) -> Extent:
        if name not in self._known:
            self._known[name] = Extent()
            fragment = self._fragments.get(name)
            self._known[name] = self.selection_set(fragment.selection_set if fragment else None)
        return self._known[name]
