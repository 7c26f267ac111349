"""What is below the objects of a list, made for all of them at once; see `gateway.graphql.compiled.columns`."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import Any

from gateway.graphql.compiled.run import Run

Child = Mapping[str, Any]
"""The constants of the code that completes what is below: its `rows`, and the `weight` of an item of a list."""


def plain_lists(run: Run, child: Child, lists: Sequence[Any]) -> list[Any] | None:
    """What each of many lists, some of which may be null, comes to; None when that is not plain, or too much."""
    items = [*chain.from_iterable([each for each in lists if each is not None])]
    pace, effort = run.pace, child["weight"] * len(items)
    if effort > pace.at_once or effort > pace.left or pace.items + len(items) > pace.most_items:
        return None
    pace.items += len(items)
    pace.left -= effort
    made = _made(run, child, items)
    if made is None:
        return None
    each = iter(made)
    return [None if one is None else [*islice(each, len(one))] for one in lists]


def plain_objects(run: Run, child: Child, objects: Sequence[Any]) -> list[Any] | None:
    """What each of many objects, some of which may be null, comes to; one that is there often is made once."""
    distinct = {id(one): one for one in objects if one is not None}
    made = _made(run, child, [*distinct.values()])
    if made is None:
        return None
    known = dict(zip(distinct, made, strict=True))
    return [None if one is None else known[id(one)] for one in objects]


def _made(run: Run, child: Child, items: list[Any]) -> list[Any] | None:
    rows = child.get("rows")
    if rows is None:
        return None
    out: list[Any] = []
    rows(run, items, out)
    return out if len(out) == len(items) else None
