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
    """Levels of fields, and numbers of fields, aliases and fields of the first level, fragments expanded."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    root_fields: int = 0

    def beside(self, other: "Extent") -> "Extent":
        """Both in one selection set."""
        return Extent(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.root_fields + other.root_fields,
        )


def extent_of(document: DocumentNode) -> Extent:
    """The largest extent of any operation, by each count; RecursionError when nested too deeply.

    A fragment that spreads itself counts as empty there: validation refuses it.
    """
    measure = _Measure({d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)})
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    extents = [measure.selection_set(operation.selection_set) for operation in operations]
    return Extent(*(max(counts) for counts in zip(*extents, strict=True))) if extents else Extent()


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Extent] = {}

    def selection_set(self, node: SelectionSetNode | None) -> Extent:
        total = Extent()
        for selection in node.selections if node else ():
            total = total.beside(self._selection(selection))
        return total

    def _selection(self, node: object) -> Extent:
        if isinstance(node, FieldNode):
            inner = self.selection_set(node.selection_set)
            return Extent(inner.depth + 1, inner.fields + 1, inner.aliases + (node.alias is not None), 1)
        if isinstance(node, InlineFragmentNode):
            return self.selection_set(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        return self._fragment(node.name.value)

    def _fragment(self, name: str) -> Extent:
        if name not in self._known:
            self._known[name] = Extent()
            fragment = self._fragments.get(name)
            self._known[name] = self.selection_set(fragment.selection_set if fragment else None)
        return self._known[name]
