"""Writes the function of one selection set on one object type."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import GraphQLLeafType, is_non_null_type

from gateway.graphql.compiled import reads
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.fields import Field
from gateway.graphql.compiled.leaves import strange

SIGNATURE = "(run, source, path, index, info)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One response key of a selection set.

    `leaf` is its type, or `complete` the function that completes its values; `typed` says whether that must know
    the field's info. `arguments` is Python for the values of each call; `checks_arguments` says that coercing them
    may fail though nobody is called with them.
    """

    number: int
    field: Field
    read: reads.Read
    leaf: GraphQLLeafType | None
    complete: str | None
    typed: bool
    arguments: str | None
    checks_arguments: bool

    @property
    def has_info(self) -> bool:
        """Whether its code makes the field's info."""
        return self.typed or reads.needs_info(self.read)


def write_selection(code: Code, name: str, type_name: str, entries: Sequence[Entry]) -> None:
    """Write `name(run, source, path, index, info)` -> dictionary, or a coroutine of it."""
    number = name.rpartition("_")[2]
    code.constant(f"owner_{number}", type_name)
    with code.block(f"def {name}{SIGNATURE}:  # {type_name}"):
        if any(entry.has_info or entry.complete for entry in entries):
            with code.block("if index is not None:"):
                code.line("path = new(Path, (path, index, None))")
                code.line("index = None")
        if any(isinstance(entry.read, reads.Property) for entry in entries):
            code.line("get = reader(source)")
        code.line("out = {}")
        code.line("waiting = ()")
        with code.block("try:"):
            for entry in entries:
                _write_entry(code, entry, f"owner_{number}")
            code.line("pass" if not entries else "if not waiting: return out")
        with code.block("except Exception:"):
            code.line("leave_fields(run, out, waiting)")
            code.line("raise")
        code.line("return gather_fields(run, out, waiting) if waiting else out")


def _write_entry(code: Code, entry: Entry, owner: str) -> None:
    number, field = entry.number, entry.field
    code.constant(f"key_{number}", field.key)
    if isinstance(entry.read, reads.TypeName):
        code.line(f"out[key_{number}] = {owner}")
        return
    code.constant(f"field_{number}", field)
    code.line(f"# {field.coordinate}")
    with code.block("try:"):
        _write_read(code, entry, f"new(Path, (path, key_{number}, {owner}))")
        if entry.leaf is not None:
            _write_leaf(code, entry, entry.leaf)
        else:
            _write_composite(code, entry, "here" if entry.has_info else f"new(Path, (path, key_{number}, {owner}))")
    with code.block("except Exception as error:"):
        code.line(f"value = failed(run, field_{number}, error, path, index)")
    code.line(f"out[key_{number}] = value")


def _write_read(code: Code, entry: Entry, path: str) -> None:
    number = entry.number
    if entry.has_info:
        code.constant(f"head_{number}", entry.field.head)
        code.line(f"here = {path}")
        code.line(f"info = new(Info, head_{number} + (here,) + run.tail)")
    if entry.checks_arguments:
        code.line(f"run.arguments(field_{number})")
    if isinstance(entry.read, reads.Property):
        code.constant(f"name_{number}", entry.field.field_name)
    reads.write(code, entry.read, number, entry.arguments)


def _write_leaf(code: Code, entry: Entry, leaf: GraphQLLeafType) -> None:
    number, place = entry.number, "path, index"
    condition = strange(leaf, "value")
    if condition is not None:
        with code.block(f"if {condition}:" if _non_null(entry) else f"if {condition} and value is not None:"):
            code.line(f"value = leaf(run, field_{number}, {_odd(entry)}, {place})")
            _write_wait(code, number, "run.is_awaitable(value)")
        return
    code.constant(f"coerce_{number}", leaf.coerce_output_value)
    with code.block("if type(value) in plain:"):
        code.line(f"result = coerce_{number}(value)")
        with code.block("if type(result) in final:"):
            code.line("value = result")
        with code.block("else:"):
            code.line(f"value = coerced(run, field_{number}, value, result, {place})")
            _write_wait(code, number, "run.is_awaitable(value)")
    with code.block(_otherwise(entry)):
        code.line(f"value = leaf(run, field_{number}, {_odd(entry)}, {place})")
        _write_wait(code, number, "run.is_awaitable(value)")


def _write_composite(code: Code, entry: Entry, path: str) -> None:
    number = entry.number
    info = "info" if entry.has_info else f"field_{number}"
    with code.block("if type(value) in plain:"):
        code.line(f"value = {entry.complete}(run, value, {path}, None, {info})")
        with code.block("if type(value) is coroutine:"):
            code.line(f"value = settled(run, field_{number}, value, path, index)")
            code.line(f"waiting += (key_{number},)")
    with code.block(_otherwise(entry)):
        code.line(f"value = composite(run, field_{number}, {_odd(entry)}, path, index, {info})")
        _write_wait(code, number, "type(value) is coroutine")


def _write_wait(code: Code, number: int, condition: str) -> None:
    with code.block(f"if {condition}:"):
        code.line(f"waiting += (key_{number},)")


def _otherwise(entry: Entry) -> str:
    return "else:" if _non_null(entry) else "elif value is not None:"


def _non_null(entry: Entry) -> bool:
    return is_non_null_type(entry.field.return_type)


def _odd(entry: Entry) -> str:
    if isinstance(entry.read, reads.Property):
        return f"called(run, field_{entry.number}, value, path, index)"
    return "value"
