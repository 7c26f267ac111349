"""Which fields of a record an operation selects, so that a department is asked for no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from adapters.contract.operations import FieldSet
from resolvers.common.context import Info


def selected_fields(info: Info) -> FieldSet:
    """Names of what is selected below the running field, nested ones dotted: `birth.date.value`.

    Leaves only; `__typename` is left out, skipped selections are too.
    """
    return frozenset(path for field in info.selected_fields for path in _leaves(field.selections, ""))


def _leaves(selections: Iterable[Selection], above: str) -> Iterator[str]:
    for selection in selections:
        if _left_out(selection):
            continue
        if isinstance(selection, SelectedField):
            if selection.name == "__typename":
                continue
            path = f"{above}{_snake(selection.name)}"
            yield from _leaves(selection.selections, f"{path}.") if selection.selections else (path,)
        else:
            yield from _leaves(selection.selections, above)


def _left_out(selection: SelectedField | FragmentSpread | InlineFragment) -> bool:
    directives = selection.directives
    return bool(directives.get("skip", {}).get("if")) or directives.get("include", {}).get("if") is False


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
