"""Writes the function that makes a list's objects column by column: what is called is called once for all of them.

That can be done where reading again changes nothing: for attributes that are stored, for resolvers that say what they
give `of_all` objects of a level, and for scalars that say what they make `of_all` values. What is below such objects is
made in the same way, all of it at once. Where anything is not plain, nothing is made: the general code answers for it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLList, GraphQLObjectType, GraphQLOutputType, get_nullable_type

from gateway.graphql.compiled import reads
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.leaves import passing_class, strange
from gateway.graphql.compiled.selections import Entry
from gateway.graphql.compiled.strawberry_fields import Direct, enumerated

_LISTS = frozenset({list, tuple})
_NULL = frozenset({type(None)})


def record_of(kind: GraphQLObjectType) -> type | None:
    """The class whose objects, and others as well perhaps, are of a type for certain; None when the type says none."""
    return getattr(kind.is_type_of, "record", None)


def write_columns(code: Code, kind: GraphQLObjectType, entries: Sequence[Entry]) -> bool:
    """Write `rows(run, value, out)`, if the fields are such that it can be; whether it was.

    It adds to `out` what the items of a list or tuple come to, or nothing. Where objects are below them, `child_N` must
    become a dictionary with the `rows` of these.
    """
    columns = {entry.number: _column(entry) for entry in entries if not isinstance(entry.read, reads.TypeName)}
    if None in columns.values() or not columns or (kind.is_type_of is not None and record_of(kind) is None):
        return False
    code.constants.update(owner=kind.name, classes=set(), only=record_of(kind))
    code.constant("names", tuple(name for entry in entries if (name := _attribute(entry))))
    with code.block("def rows(run, value, out):"):
        with code.block("if not classes.issuperset(map(type, value)) and not learn_rows(classes, names, value, only):"):
            code.line("return")
        code.line("pace = run.pace")
        code.line("items, left = pace.items, pace.left")
        with code.block("try:"):
            code.line("made = columns(run, value)")
        with code.block("except (AttributeError, LookupError, TypeError, ValueError):"):
            code.line("made = None")
        with code.block("if made is None:"):
            code.line("pace.items, pace.left = items, left")
        with code.block("else:"):
            code.line("out += made")
    with code.block("def columns(run, value):"):
        for write in filter(None, columns.values()):
            write(code)
        parts = []
        for entry in entries:
            code.constant(f"key_{entry.number}", entry.field.key)
            parts.append(f"key_{entry.number}: {f'v{entry.number}' if entry.number in columns else 'owner'}")
        names = [f"v{number}" for number in columns]
        rows = f"zip({', '.join(names)})" if len(names) > 1 else names[0]
        code.line(f"return [{{{', '.join(parts)}}} for {', '.join(names)} in {rows}]")
    return True


Write = Callable[[Code], None]


def _column(entry: Entry) -> Write | None:
    """What writes an entry's column; None when there can be none."""
    read, complete = _read(entry), _leaves(entry) if entry.leaf is not None else _objects(entry)
    if read is None or complete is None:
        return None

    def write(code: Code) -> None:
        code.line(f"# {entry.field.coordinate}")
        read(code)
        complete(code)

    return write


def _attribute(entry: Entry) -> str:
    """The attribute that is read for an entry; empty for none."""
    return entry.read.name if isinstance(entry.read, reads.Attribute) else ""


def _read(entry: Entry) -> Write | None:
    number, name = entry.number, _attribute(entry)
    if name:
        return lambda code: code.line(f"v{number} = [source.{name} for source in value]")
    of_all = getattr(entry.read.function, "of_all", None) if isinstance(entry.read, Direct) else None
    if of_all is None or entry.arguments != {}:
        return None

    def write(code: Code) -> None:
        code.constant(f"of_all_{number}", of_all)
        code.line(f"v{number} = of_all_{number}(run.context_value, value)")
        _give_up_if(code, f"v{number} is None")

    return write


def _leaves(entry: Entry) -> Write | None:
    leaf, column = entry.leaf, f"v{entry.number}"
    assert leaf is not None
    passing, condition = passing_class(leaf), strange(leaf, "v")
    if passing is not None:
        return lambda code: _require_classes(code, entry, frozenset({passing}))
    if condition is not None:
        condition = f"{condition} and v is not None" if entry.nullable else condition
        return lambda code: _give_up_if(code, f"any([{condition} for v in {column}])")
    table = enumerated(leaf)
    if table is not None:
        return lambda code: _write_enumerated(code, entry, *table)
    of_all = getattr(leaf.coerce_output_value, "of_all", None)
    return None if of_all is None else lambda code: _write_coerced(code, entry, of_all)


def _write_enumerated(code: Code, entry: Entry, members: type, names: Any) -> None:
    number = entry.number
    _require_classes(code, entry, frozenset({members}))
    code.constant(f"names_{number}", names)
    named = f"names_{number}[v._value_]"
    code.line(f"v{number} = [{_unless_null(entry, named)} for v in v{number}]")


def _write_coerced(code: Code, entry: Entry, of_all: Callable[..., Any]) -> None:
    number = entry.number
    code.constant(f"coerce_{number}", of_all)
    if entry.nullable:
        code.line(f"some = [v for v in v{number} if v is not None]")
        code.line(f"made = coerce_{number}(some)")
        _give_up_if(code, "made is None")
        with code.block(f"if len(some) < len(v{number}):"):
            code.line("each = iter(made)")
            code.line(f"made = [None if v is None else next(each) for v in v{number}]")
        code.line(f"v{number} = made")
    else:
        code.line(f"v{number} = coerce_{number}(v{number})")
        _give_up_if(code, f"v{number} is None")


def _objects(entry: Entry) -> Write | None:
    kind = _shape(entry.field.return_type)
    if kind is None:
        return None
    number, is_list = entry.number, isinstance(kind, GraphQLList)

    def write(code: Code) -> None:
        if is_list:
            _require_classes(code, entry, _LISTS)
        elif not entry.nullable:
            _give_up_if(code, f"None in v{number}")
        code.line(f"v{number} = {'plain_lists' if is_list else 'plain_objects'}(run, child_{number}, v{number})")
        _give_up_if(code, f"v{number} is None")

    return write


def _shape(kind: GraphQLOutputType) -> GraphQLOutputType | None:
    """An object type, or a list of one; None for everything else."""
    nullable: Any = get_nullable_type(kind)
    inner = get_nullable_type(nullable.of_type) if isinstance(nullable, GraphQLList) else nullable
    return nullable if isinstance(inner, GraphQLObjectType) else None


def _require_classes(code: Code, entry: Entry, classes: frozenset[type]) -> None:
    code.constant(f"passing_{entry.number}", classes | _NULL if entry.nullable else classes)
    _give_up_if(code, f"not passing_{entry.number}.issuperset(map(type, v{entry.number}))")


def _unless_null(entry: Entry, expression: str) -> str:
    return f"None if v is None else {expression}" if entry.nullable else expression


def _give_up_if(code: Code, condition: str) -> None:
    with code.block(f"if {condition}:"):
        code.line("return None")
