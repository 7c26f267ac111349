"""Writes the function of one list at one depth of a field's type: a loop over its items."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLLeafType, GraphQLList, is_non_null_type

from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.fields import Field, Item
from gateway.graphql.compiled.leaves import passing_class, strange
from gateway.graphql.compiled.pace import COERCED, UNKNOWN


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A list at one depth of a field's type; its items are of type `leaf`, or else `complete` completes them.

    `rows` may do so for the first ones at once (see `gateway.graphql.compiled.rows`).
    """

    field: Field
    type: GraphQLList[Any]
    leaf: GraphQLLeafType | None


def write_list(code: Code, place: ListPlace) -> None:
    """Write `items(run, value, path, index, info)` -> list, or a coroutine of it.

    `part(run, value, path, info, start)` is the same for some of the items, of which the first is number `start`.
    """
    code.constant("list_type", place.type)
    code.constant("rows", None)
    code.constant("details", place.field.details)
    code.constant("weight", UNKNOWN if place.leaf is None else COERCED)
    code.constant("place", Item(place.field, place.type.of_type))
    with code.block("def items(run, value, path, index, info):"):
        with code.block("if index is not None:"):
            code.line("path = new(Path, (path, index, None))")
        with code.block("if type(value) is not list and type(value) is not tuple:"):
            code.line("if odd_list(run, value):")
            code.line("    return run.complete_list_value(list_type, details, info, path, value, None)")
        with code.block("else:"):
            code.line("pace = run.pace")
            code.line("pace.items += len(value)")
            code.line("effort = weight * len(value)")
            with code.block("if effort > pace.at_once or effort > pace.left or pace.items > pace.most_items:"):
                code.line("return paced(run, part, value, path, info, weight)")
            code.line("pace.left -= effort")
        code.line("return part(run, value, path, info, 0)")
    with code.block("def part(run, value, path, info, start):"):
        code.line("out = []")
        with code.block("if type(value) is list or type(value) is tuple:"):
            if place.leaf is None:
                with code.block("if rows is not None:"):
                    code.line("rows(run, value, out)")
                    with code.block("if len(out) == len(value):"):
                        code.line("return out")
            else:
                _write_leaves(code, place, place.leaf)
            code.line("left = islice(value, len(out), None)")
        with code.block("else:"):
            code.line("left = iter(value)")
        code.line("waiting = []")
        with code.block("try:"), code.block("for number, item in enumerate(left, start + len(out)):"):
            _write_item(code, place)
        with code.block("except Exception:"):
            code.line("leave_items(run, out, waiting, left)")
            code.line("raise")
        code.line("return gather_items(run, out, waiting) if waiting else out")


def _write_leaves(code: Code, place: ListPlace, leaf: GraphQLLeafType) -> None:
    """Write what answers at once, where the class alone tells that every item passes unchanged."""
    passing = passing_class(leaf)
    if passing is None:
        return
    nullable = not is_non_null_type(place.type.of_type)
    code.constant("passing", frozenset({passing, type(None)} if nullable else {passing}))
    with code.block("if passing.issuperset(map(type, value)):"):
        code.line("return [*value]")


def _write_item(code: Code, place: ListPlace) -> None:
    if place.leaf is None:
        _write_completed_item(
            code, "complete(run, item, path, number, info)", "type(item) is coroutine", "settled_item"
        )
    else:
        condition = strange(place.leaf, "item")
        if condition is None:
            code.constant("coerce", place.leaf.coerce_output_value)
            checked = "coerced_item(run, place, item, coerce(item), path, number)"
            _write_completed_item(code, checked, "type(item) not in final and run.is_awaitable(item)", None)
        else:
            with code.block(f"if not ({condition}):"):
                code.line("out.append(item)")
    if not is_non_null_type(place.type.of_type):
        with code.block("elif item is None:"):
            code.line("out.append(None)")
    with code.block("elif odd_item(run, place, item, out, new(Path, (path, number, None)), info):"):
        code.line("waiting.append(len(out) - 1)")


def _write_completed_item(code: Code, completed: str, awaited: str, settled: str | None) -> None:
    with code.block("if type(item) in plain:"):
        with code.block("try:"):
            code.line(f"item = {completed}")
        with code.block("except Exception as error:"):
            code.line("item = failed_item(run, place, error, path, number)")
        with code.block(f"if {awaited}:"):
            if settled:
                code.line(f"item = {settled}(run, place, item, path, number)")
            code.line("waiting.append(len(out))")
        code.line("out.append(item)")
