"""Writes the function of one selection set on one object type."""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from graphql import GraphQLLeafType, is_non_null_type

from gateway.graphql.compiled import reads
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.fields import Field
from gateway.graphql.compiled.leaves import strange
from gateway.graphql.compiled.pace import CALL, COERCED, COMPOSITE, DIRECT, LEAF
from gateway.graphql.compiled.strawberry_fields import Direct, enumerated


@dataclass(frozen=True, slots=True)
class Entry:
    """One response key of a selection set.

    `leaf` is its type, or else `complete_N` completes its values; `typed` says whether that must know the field's
    info. `arguments` are the values of each call, as far as they are the same.
    """

    number: int
    field: Field
    read: reads.Read
    leaf: GraphQLLeafType | None
    typed: bool
    arguments: dict[str, Any] | None

    @property
    def has_info(self) -> bool:
        """Whether its code makes the field's info."""
        return self.typed or reads.needs_info(self.read)

    @property
    def has_path(self) -> bool:
        """Whether its code makes the field's path."""
        return self.has_info or self.leaf is None or isinstance(self.read, reads.Guarded)

    @property
    def weight(self) -> int:
        """The units of work that it takes."""
        read = 0
        if isinstance(self.read, Direct):
            read = CALL if iscoroutinefunction(self.read.function) else DIRECT
        elif isinstance(self.read, reads.Call | reads.Guarded):
            read = CALL
        if self.leaf is None:
            return read + COMPOSITE
        return read + (COERCED if strange(self.leaf, "value") is None else LEAF)

    @property
    def nullable(self) -> bool:
        """Whether null is an answer."""
        return not is_non_null_type(self.field.return_type)


def write_selection(code: Code, type_name: str, entries: Sequence[Entry]) -> None:
    """Write `fields(run, source, path, index, info)` -> dictionary, or a coroutine of it."""
    code.constant("owner", type_name)
    with code.block("def fields(run, source, path, index, info):"):
        if any(entry.has_path for entry in entries):
            with code.block("if index is not None:"):
                code.line("path = new(Path, (path, index, None))")
                code.line("index = None")
        if any(isinstance(entry.read, reads.Property) for entry in entries):
            code.line("get = reader(source)")
        code.line("out = {}")
        code.line("waiting = ()")
        with code.block("try:"):
            for entry in entries:
                _write_entry(code, entry)
            with code.block("if not waiting:"):
                code.line("return out")
        with code.block("except Exception:"):
            code.line("leave_fields(run, out, waiting)")
            code.line("raise")
        code.line("return gather_fields(run, out, waiting)")


def _write_entry(code: Code, entry: Entry) -> None:
    number, field = entry.number, entry.field
    code.constant(f"key_{number}", field.key)
    if isinstance(entry.read, reads.TypeName):
        code.line(f"out[key_{number}] = owner")
        return
    code.constant(f"field_{number}", field)
    code.line(f"# {field.coordinate}")
    with code.block("try:"):
        path = f"new(Path, (path, key_{number}, owner))"
        if entry.has_info:
            code.constant(f"head_{number}", field.head)
            code.line(f"here = {path}")
            code.line(f"info = new(Info, head_{number} + (here,) + run.tail)")
            path = "here"
        reads.write(code, entry.read, field, number, entry.arguments, path)
        if entry.leaf is not None:
            _write_leaf(code, entry, entry.leaf)
        else:
            _write_composite(code, entry, path)
    with code.block("except Exception as error:"):
        code.line(f"value = failed(run, field_{number}, error, path, index)")
    code.line(f"out[key_{number}] = value")


def _write_leaf(code: Code, entry: Entry, leaf: GraphQLLeafType) -> None:
    number, place = entry.number, "path, index"
    condition = strange(leaf, "value")
    if condition is not None:
        with code.block(f"if {condition} and value is not None:" if entry.nullable else f"if {condition}:"):
            code.line(f"value = leaf(run, field_{number}, {_odd(entry)}, {place})")
            _write_wait(code, number, "run.is_awaitable(value)")
        return
    code.constant(f"coerce_{number}", leaf.coerce_output_value)
    table = enumerated(leaf)
    if table is not None:
        code.constants.update({f"enum_{number}": table[0], f"names_{number}": table[1]})
        with code.block(f"if type(value) is enum_{number} and value._value_ in names_{number}:"):
            code.line(f"value = names_{number}[value._value_]")
    with code.block("if type(value) in plain:" if table is None else "elif type(value) in plain:"):
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
    if _waits(entry.read):
        with code.block("if type(value) is coroutine and run.knows_coroutines:"):
            code.line(f"value = awaited(run, field_{number}, value, {path}, {info})")
            code.line(f"waiting += (key_{number},)")
    with code.block("elif type(value) in plain:" if _waits(entry.read) else "if type(value) in plain:"):
        code.line(f"value = complete_{number}(run, value, {path}, None, {info})")
        with code.block("if type(value) is coroutine:"):
            code.line(f"value = settled(run, field_{number}, value, path, index)")
            code.line(f"waiting += (key_{number},)")
    with code.block(_otherwise(entry)):
        code.line(f"value = composite(run, field_{number}, {_odd(entry)}, path, index, {info})")
        _write_wait(code, number, "type(value) is coroutine")


def _waits(read: reads.Read) -> bool:
    """Whether a resolver is one that is always awaited."""
    direct = read.direct if isinstance(read, reads.Guarded) else read
    return isinstance(direct, Direct) and iscoroutinefunction(direct.function)


def _write_wait(code: Code, number: int, condition: str) -> None:
    with code.block(f"if {condition}:"):
        code.line(f"waiting += (key_{number},)")


def _otherwise(entry: Entry) -> str:
    return "elif value is not None:" if entry.nullable else "else:"


def _odd(entry: Entry) -> str:
    if isinstance(entry.read, reads.Property):
        return f"called(run, field_{entry.number}, value, path, index)"
    return "value"
