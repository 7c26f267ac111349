"""Writes the function of one list at one depth of a field's type: a loop over its items."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLLeafType, GraphQLList, is_non_null_type

from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.fields import Field, Item
from gateway.graphql.compiled.leaves import strange


@dataclass(frozen=True, slots=True)
class ItemType:
    """What the items of a list are: leaves, or values that `complete` completes."""

    leaf: GraphQLLeafType | None
    complete: str | None


def write_list(code: Code, number: int, field: Field, list_type: GraphQLList[Any], inner: ItemType) -> str:
    """Write `list_N(run, value, path, index, info)` -> list, or a coroutine of it; return its name."""
    code.constant(f"list_type_{number}", list_type)
    code.constant(f"details_{number}", field.details)
    code.constant(f"item_{number}", Item(field, list_type.of_type))
    with code.block(f"def list_{number}(run, value, path, index, info):  # {list_type}"):
        with code.block("if index is not None:"):
            code.line("path = new(Path, (path, index, None))")
        with code.block("if type(value) is not list and type(value) is not tuple and odd_list(run, value):"):
            code.line(f"return run.complete_list_value(list_type_{number}, details_{number}, info, path, value, None)")
        code.line("items = iter(value)")
        code.line("out = []")
        code.line("waiting = []")
        with code.block("try:"), code.block("for number, item in enumerate(items):"):
            _write_item(code, number, inner, nullable=not is_non_null_type(list_type.of_type))
        with code.block("except Exception:"):
            code.line("leave_items(run, out, waiting, items)")
            code.line("raise")
        code.line("return gather_items(run, out, waiting) if waiting else out")
    return f"list_{number}"


def _write_item(code: Code, number: int, inner: ItemType, *, nullable: bool) -> None:
    if inner.leaf is None:
        with code.block("if type(item) in plain:"):
            _write_composite_item(code, number, inner.complete)
    else:
        condition = strange(inner.leaf, "item")
        if condition is None:
            _write_coerced_item(code, number, inner.leaf)
        else:
            with code.block(f"if not ({condition}):"):
                code.line("out.append(item)")
    if nullable:
        with code.block("elif item is None:"):
            code.line("out.append(None)")
    path = "new(Path, (path, number, None))"
    with code.block(f"elif odd_item(run, item_{number}, item, out, {path}, info):"):
        code.line("waiting.append(number)")


def _write_composite_item(code: Code, number: int, complete: str | None) -> None:
    with code.block("try:"):
        code.line(f"item = {complete}(run, item, path, number, info)")
    with code.block("except Exception as error:"):
        code.line(f"item = failed_item(run, item_{number}, error, path, number)")
    with code.block("if type(item) is coroutine:"):
        code.line(f"item = settled_item(run, item_{number}, item, path, number)")
        code.line("waiting.append(number)")
    code.line("out.append(item)")


def _write_coerced_item(code: Code, number: int, leaf: GraphQLLeafType) -> None:
    code.constant(f"coerce_{number}", leaf.coerce_output_value)
    with code.block("if type(item) in plain:"):
        with code.block("try:"):
            code.line(f"item = coerced_item(run, item_{number}, item, coerce_{number}(item), path, number)")
        with code.block("except Exception as error:"):
            code.line(f"item = failed_item(run, item_{number}, error, path, number)")
        with code.block("if type(item) not in final and run.is_awaitable(item):"):
            code.line("waiting.append(number)")
        code.line("out.append(item)")
