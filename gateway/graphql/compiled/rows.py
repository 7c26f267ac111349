"""Writes the function that makes objects of a list's plain rows at once, where nothing but attributes are read."""

import keyword
from collections.abc import Sequence

from gateway.graphql.compiled import reads
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.leaves import strange
from gateway.graphql.compiled.selections import Entry


def write_rows(code: Code, type_name: str, entries: Sequence[Entry]) -> bool:
    """Write `rows(run, value, out)`, if the fields are such that it can be; whether it was.

    It adds to `out` what the first items of a list or tuple come to, up to one that is not plain. Reading a row again
    must change nothing, so classes whose attributes are computed are left to the general code.
    """
    names = [_attribute(entry) for entry in entries]
    conditions = [_condition(entry) for entry in entries]
    if None in conditions or not any(names):
        return False
    code.constant("owner", type_name)
    code.constant("classes", set())
    code.constant("names", tuple(name for name in names if name))
    for entry in entries:
        code.constant(f"key_{entry.number}", entry.field.key)
    parts = [f"key_{e.number}: {f'v{e.number}' if name else 'owner'}" for e, name in zip(entries, names, strict=True)]
    with code.block("def rows(run, value, out):"):
        with code.block("if not classes.issuperset(map(type, value)) and not learn_rows(classes, names, value):"):
            code.line("return")
        code.line("append = out.append")
        with code.block("try:"), code.block("for source in value:"):
            for entry, name in zip(entries, names, strict=True):
                if name:
                    code.line(f"v{entry.number} = source.{name}")
            for condition in filter(None, conditions):
                with code.block(f"if {condition}:"):
                    code.line("return")
            code.line(f"append({{{', '.join(parts)}}})")
        with code.block("except AttributeError:"):
            code.line("return")
    return True


def _attribute(entry: Entry) -> str:
    """The attribute that is read for an entry; empty for none."""
    match entry.read:
        case reads.Attribute(name):
            return name
        case reads.Property() if entry.arguments is not None and not keyword.iskeyword(entry.field.field_name):
            return entry.field.field_name
    return ""


def _condition(entry: Entry) -> str | None:
    """Python that is true of a value that the general code must look at; None when it always must."""
    if isinstance(entry.read, reads.TypeName):
        return ""
    if entry.leaf is None or not _attribute(entry):
        return None
    value = f"v{entry.number}"
    condition = strange(entry.leaf, value)
    return f"{condition} and {value} is not None" if condition and entry.nullable else condition
