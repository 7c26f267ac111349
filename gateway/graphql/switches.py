"""The switches of an operation: what its `@skip` and `@include` say, and the variables that they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    value_from_ast_untyped,
)

Condition = tuple[str, bool]
"""A variable, and the value with which what it decides about is included."""
ALWAYS: frozenset[Condition] = frozenset()
_WANTED: Mapping[str, bool] = {"skip": False, "include": True}


def conditions_of(node: SelectionNode) -> frozenset[Condition] | None:
    """On which variables a selection depends; None when it is left out whatever they are."""
    if not node.directives:
        return ALWAYS
    found = ALWAYS
    for value, wanted in _said(node):
        if isinstance(value, str):
            found |= {(value, wanted)}
        elif value is not wanted:
            return None
    return found


def switches_of(selections: Iterable[SelectionNode]) -> tuple[str, ...]:
    """The variables that the conditions of selections read, in the order of their names."""
    said = (each for node in selections if node.directives for each in _said(node))
    return tuple(sorted({value for value, _ in said if isinstance(value, str)}))


def selections_in(sets: Iterable[SelectionSetNode]) -> Iterator[SelectionNode]:
    """Every selection in sets and below, each once; a fragment's are in the set of its definition."""
    waiting = list(sets)
    while waiting:
        for selection in waiting.pop().selections:
            yield selection
            inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if inner is not None:
                waiting.append(inner)


def defaults_of(definition: OperationDefinitionNode) -> dict[str, Any]:
    """The defaults of an operation's variables by name, not yet coerced; one without a default is absent."""
    return {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in definition.variable_definitions or ()
        if one.default_value is not None
    }


def _said(node: SelectionNode) -> Iterator[tuple[str | bool, bool]]:
    """A variable's name or a literal, and which value of it includes the selection."""
    for directive in node.directives or ():
        wanted = _WANTED.get(directive.name.value)
        if wanted is not None:
            for argument in directive.arguments or ():  # in a valid document `if` is the only one
                value = argument.value
                if isinstance(value, VariableNode):
                    yield value.name.value, wanted
                elif isinstance(value, BooleanValueNode):
                    yield value.value, wanted
