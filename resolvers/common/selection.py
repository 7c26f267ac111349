"""Which fields an operation selects below the running one, so that a department is asked for no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from weakref import ref

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    SelectionNode,
    SelectionSetNode,
)
from graphql.execution.values import get_directive_values

from adapters.contract.operations import FieldSet
from adapters.contract.records import Record
from resolvers.common.context import Info


def selected_fields(info: Info) -> FieldSet:
    """Names of what is selected below the running field, nested ones dotted: `birth.date.value`.

    Leaves only, and objects of which nothing but `__typename` is selected: that there is one is what is asked then.
    Skipped selections are left out.
    """
    raw = info._raw_info  # Strawberry's own view of it is made anew each time
    if len(raw.field_nodes) == 1:
        return _of_node(raw, raw.field_nodes[0])
    return frozenset().union(*(_of_node(raw, node) for node in raw.field_nodes))


def selects(info: Info, *fields: str) -> bool:
    """Whether anything is selected below one of the fields, which are dotted: `nodes.updates`."""
    return _selects(selected_fields(info), fields)


@lru_cache(maxsize=1024)
def _selects(selected: FieldSet, fields: tuple[str, ...]) -> bool:
    below = tuple(f"{field}." for field in fields)
    return any(path.startswith(below) for path in selected)


LISTED = ("nodes.", "edges.node.")
"""Where a connection has its records."""


def personal_fields(selected: FieldSet, record: type[Record], *above: str) -> FieldSet:
    """Those of a record's personal fields that are selected; `above` is where the record stands in the selection."""
    return _personal(selected, record.personal, above or ("",))


@lru_cache(maxsize=1024)
def _personal(selected: FieldSet, personal: FieldSet, above: tuple[str, ...]) -> FieldSet:
    below = {path.removeprefix(start) for start in above for path in selected if path.startswith(start)}
    return frozenset(name for name in personal if any(path == name or path.startswith(f"{name}.") for path in below))


_known: dict[int, tuple[ref[FieldNode], FieldSet]] = {}
"""By the node's identity, as long as it lives: nodes compare, and hash, by their whole content."""


def _of_node(raw: GraphQLResolveInfo[Any], node: FieldNode) -> FieldSet:
    known = _known.get(id(node))
    if known is not None and known[0]() is node:
        return known[1]
    walk = _Walk(raw)
    found = frozenset(walk.leaves(node.selection_set, ""))
    if not walk.conditional:
        key = id(node)
        _known[key] = (ref(node, lambda _: _known.pop(key, None)), found)
    return found


class _Walk:
    """One walk below a field; `conditional` says that another execution may find something else."""

    def __init__(self, raw: GraphQLResolveInfo[Any]) -> None:
        self._raw = raw
        self.conditional = False

    def leaves(self, selection_set: SelectionSetNode | None, above: str) -> Iterator[str]:
        """Paths of the leaves."""
        for selection in selection_set.selections if selection_set else ():
            if not self._left_out(selection):
                yield from self._leaves_of(selection, above)

    def _leaves_of(self, selection: SelectionNode, above: str) -> Iterator[str]:
        if isinstance(selection, FieldNode):
            if selection.name.value == "__typename":
                return
            path = f"{above}{_snake(selection.name.value)}"
            yield from tuple(self.leaves(selection.selection_set, f"{path}.")) or (path,)
        elif isinstance(selection, FragmentSpreadNode):
            yield from self.leaves(self._raw.fragments[selection.name.value].selection_set, above)
        else:
            yield from self.leaves(getattr(selection, "selection_set", None), above)

    def _left_out(self, selection: SelectionNode) -> bool:
        if not selection.directives:
            return False
        self.conditional = True
        skip = get_directive_values(GraphQLSkipDirective, selection, self._raw.variable_values)
        include = get_directive_values(GraphQLIncludeDirective, selection, self._raw.variable_values)
        return bool(skip and skip["if"]) or (include is not None and not include["if"])


@lru_cache(maxsize=4096)
def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
