"""How a field's value is got from its parent: decided once, written as the least Python that does it."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField
from graphql.execution.executor import default_field_resolver
from graphql.type import GraphQLFieldResolver, TypeNameMetaFieldDef
from strawberry.schema.config import StrawberryConfig

from gateway.graphql.around import Around
from gateway.graphql.compiled import strawberry_fields
from gateway.graphql.compiled.arguments import is_shareable
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.fields import Field
from gateway.graphql.compiled.strawberry_fields import Direct


@dataclass(frozen=True, slots=True)
class TypeName:
    """`__typename`."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of every source, as Strawberry reads it."""

    name: str


@dataclass(frozen=True, slots=True)
class Property:
    """What graphql-core's default resolver does: a key or an attribute, called if it can be."""


@dataclass(frozen=True, slots=True)
class Call:
    """A resolver that is told everything."""

    resolve: GraphQLFieldResolver


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is read: a guard refuses, and says why when it is given the context."""

    refusal: Callable[[Any], Exception | None]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A function of the source, called directly while the resolver around it is idle."""

    around: Around
    direct: Direct


Read = TypeName | Attribute | Property | Call | Direct | Guarded | Refused


def choose(definition: GraphQLField, field_resolver: GraphQLFieldResolver, config: StrawberryConfig | None) -> Read:
    """The read of a field of the schema."""
    if definition is TypeNameMetaFieldDef:
        return TypeName()
    if definition.resolve is None:
        return Property() if field_resolver is default_field_resolver else Call(field_resolver)
    name = strawberry_fields.attribute(definition)
    if name is not None:
        return Attribute(name)
    if isinstance(definition.resolve, Around):
        inner = copy(definition)
        inner.resolve = definition.resolve.inner
        direct = strawberry_fields.direct(inner, config)
        return Guarded(definition.resolve, direct) if direct else Call(definition.resolve)
    return strawberry_fields.direct(definition, config) or Call(definition.resolve)


def needs_info(read: Read) -> bool:
    """Whether the resolver is told where it is."""
    read = read.direct if isinstance(read, Guarded) else read
    return isinstance(read, Call) or (isinstance(read, Direct) and bool(read.infos))


def write(code: Code, read: Read, field: Field, number: int, arguments: dict[str, Any] | None, path: str) -> None:
    """Write what sets `value`; `arguments` are the same in each call, or None when they must be coerced.

    `path` is code that gives the field's own.
    """
    match read:
        case Attribute(name):
            code.line(f"value = source.{name}")
        case Property():
            _require_arguments(code, number, arguments)  # even if nobody is called with them
            code.constant(f"name_{number}", field.field_name)
            code.line(f"value = getattr(source, name_{number}, None) if get is None else get(name_{number})")
        case Call(resolve):
            code.constant(f"resolve_{number}", resolve)
            code.line(f"value = resolve_{number}(source, info{_passed(code, number, arguments)})")
        case Refused(refusal):
            _require_arguments(code, number, arguments)  # before anybody is refused
            code.constant(f"refusal_{number}", refusal)
            code.line(f"raise refusal_{number}(run.context_value)")
        case Guarded(around, direct):
            code.constant(f"is_idle_{number}", around.is_idle)
            code.constant(f"outer_{number}", around.outer)
            function, passed = _call(code, direct, number, arguments)
            with code.block(f"if is_idle_{number}():"):
                code.line(f"value = {function}({passed})")
            with code.block("else:"):
                code.line(f"value = outer_{number}({path}, {function}, {passed})")
        case Direct():
            function, passed = _call(code, read, number, arguments)
            code.line(f"value = {function}({passed})")


def _require_arguments(code: Code, number: int, arguments: dict[str, Any] | None) -> None:
    """Let an execution end in an error when arguments do not fit."""
    if arguments is None:
        code.line(f"run.arguments(field_{number})")


def _passed(code: Code, number: int, arguments: dict[str, Any] | None) -> str:
    if arguments is None:
        return f", **run.arguments(field_{number})"
    if not arguments:
        return ""
    code.constant(f"arguments_{number}", arguments)
    shared = all(map(is_shareable, arguments.values()))
    return f", **arguments_{number}" if shared else f", **fresh(arguments_{number})"


def _call(code: Code, read: Direct, number: int, arguments: dict[str, Any] | None) -> tuple[str, str]:
    """The function, and what it is called with."""
    code.constant(f"call_{number}", read.function)
    passed = ["source"] if read.positional else []
    passed += [f"{name}=source" for name in read.sources]
    if read.infos:
        code.constant(f"make_info_{number}", read.make_info)
        code.constant(f"definition_{number}", read.definition)
        made = f"make_info_{number}(_raw_info=info, _field=definition_{number})"
        passed += [f"{name}={made}" for name in read.infos]
    if arguments is None:
        passed.append(_coerced(code, read, number))
    for at, (name, value) in enumerate((arguments or {}).items()):
        code.constant(f"given_{number}_{at}", value)
        passed.append(f"{read.arguments[name]}=given_{number}_{at}")
    return f"call_{number}", ", ".join(passed)


def _coerced(code: Code, read: Direct, number: int) -> str:
    if all(name == keyword for name, keyword in read.arguments.items()):
        return f"**run.arguments(field_{number})"
    code.constant(f"keywords_{number}", read.arguments)
    return f"**{{keywords_{number}[name]: value for name, value in run.arguments(field_{number}).items()}}"
