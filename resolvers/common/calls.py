"""What a field asks of departments, declared beside its resolver, so that an operation's cost is known before it runs.

A domain's `CALLS` maps coordinates of the schema (`Viewer.appointments`) to what resolving the field may ask at most;
its `NODE_CALLS` does the same for what `node(id:)` may ask for an object of a type. Ports take many keys, so that the
rows of a list ask together: a field counts once for each time that it is selected, however long its list is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call of a port's operation. With `once`, all fields of an operation that have it share one."""

    operation: str
    once: bool = False


Calls = tuple[Call, ...]
CallsOf = Callable[[Mapping[str, Any]], Calls]
"""The same where it depends on the field's arguments, which are as the client gave them, before any coercion."""


def asks(*operations: str) -> Calls:
    """A call of each operation, each time that the field is selected."""
    return tuple(Call(one) for one in operations)


def asks_once(*operations: str) -> Calls:
    """A call of each operation: what was read is then there for the whole of the client's operation."""
    return tuple(Call(one, once=True) for one in operations)
