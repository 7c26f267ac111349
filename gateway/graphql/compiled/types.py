"""Writes the functions that find out, or check, which object type a value is of."""

from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.runtime_types import Abstract, Checked


def write_abstract(code: Code, place: Abstract, resolve_type: object) -> None:
    """Write `typed(run, value, path, index, info)` for an interface or a union."""
    code.constant("place", place)
    code.constant("branches", place.branches)
    code.constant("abstract_type", place.type)
    code.constant("resolve_type", resolve_type)
    with code.block("def typed(run, value, path, index, info):"):
        code.line("name = resolve_type(value, info, abstract_type)")
        code.line("complete = branches.get(name) if type(name) is str else None")
        with code.block("if complete is None:"):
            code.line("return branched(run, place, name, value, at(path, index), info)")
        code.line("return complete(run, value, path, index, info)")


def write_checked(code: Code, place: Checked) -> None:
    """Write `checked(run, value, path, index, info)` for an object type with `is_type_of`; `fields` goes on."""
    code.constant("place", place)
    code.constant("is_type_of", place.type.is_type_of)
    with code.block("def checked(run, value, path, index, info):"):
        code.line("verdict = is_type_of(value, info)")
        with code.block("if verdict is True:"):
            code.line("return fields(run, value, path, index, None)")
        code.line("return judged(run, place, fields, verdict, value, at(path, index))")
