"""Which executions of graphql-core's suite the compiled executor need not take: told by the call alone.

The executor's own reasons are not asked, so that an excuse which it finds for a plain operation is seen.
"""

import importlib
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)
from graphql.pyutils.is_awaitable import is_async_iterable, is_awaitable

DEEPEST = 100
"""How deep selection sets are nested in what the executor takes at least, those of fragments included."""

_execute = importlib.import_module("graphql.execution.execute")
_PREDICATES = {None, is_awaitable, _execute.assume_not_awaitable}
_ITERABLES = {None, is_async_iterable, _execute.assume_not_async_iterable}


def excuse(call: Mapping[str, Any]) -> str | None:
    """Why the reference may execute these arguments of `Executor.build`; None for a plain operation."""
    if call.get("middleware") is not None:
        return "middleware"
    if call.get("abort_signal") is not None:
        return "abort signal"
    if call.get("is_awaitable") not in _PREDICATES or call.get("is_async_iterable") not in _ITERABLES:
        return "predicates of the caller"
    return _of_document(call["schema"], call["document"], call.get("operation_name"))


def _of_document(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> str | None:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    chosen = [each for each in operations if name is None or (each.name and each.name.value == name)]
    if len(chosen) != 1:
        return "malformed call: no single operation"
    if schema.get_root_type(chosen[0].operation) is None:
        return "malformed call: no root type"
    seen = _Seen()
    visit(document, seen)
    return seen.excuse or ("nested beyond the limit" if _is_deep(document, chosen[0]) else None)


class _Seen(Visitor):
    excuse: str | None = None

    def enter_directive(self, node: Any, *_: object) -> None:
        if node.name.value in {"defer", "stream"}:
            self.excuse = "incremental delivery"

    def enter_fragment_definition(self, node: Any, *_: object) -> None:
        if node.variable_definitions:
            self.excuse = "fragment variables"

    def enter_fragment_spread(self, node: Any, *_: object) -> None:
        if node.arguments:
            self.excuse = "fragment variables"


def _is_deep(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    level: list[SelectionSetNode] = [operation.selection_set]
    for _ in range(DEEPEST + 1):
        below = {id(each): each for each in _below(level, fragments)}
        if not below:
            return False
        level = list(below.values())
    return True


def _below(
    level: list[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[SelectionSetNode]:
    """Selection sets one further down."""
    for selection in chain.from_iterable(each.selections for each in level):
        if isinstance(selection, FragmentSpreadNode):
            if selection.name.value in fragments:
                yield fragments[selection.name.value].selection_set
        elif isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
            yield selection.selection_set
