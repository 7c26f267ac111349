"""How a field's value is got from its parent: decided once, written as the least Python that does it."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField
from graphql.execution.executor import default_field_resolver
from graphql.type import GraphQLFieldResolver, TypeNameMetaFieldDef

from gateway.graphql.compiled import strawberry_fields
from gateway.graphql.compiled.code import Code
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


Read = TypeName | Attribute | Property | Call | Direct


def choose(definition: GraphQLField, field_resolver: GraphQLFieldResolver, info_class: Any) -> Read:
    """The read of a field of the schema."""
    if definition is TypeNameMetaFieldDef:
        return TypeName()
    if definition.resolve is None:
        return Property() if field_resolver is default_field_resolver else Call(field_resolver)
    name = strawberry_fields.attribute(definition)
    if name is not None:
        return Attribute(name)
    return strawberry_fields.direct(definition, info_class) or Call(definition.resolve)


def needs_info(read: Read) -> bool:
    """Whether the resolver is told where it is."""
    return isinstance(read, Call) or (isinstance(read, Direct) and bool(read.infos))


def write(code: Code, read: Read, number: int, arguments: str | None) -> None:
    """Write what sets `value`; `arguments` is Python of a dictionary, for fields that have any."""
    match read:
        case Attribute(name):
            code.line(f"value = source.{name}")
        case Property():
            code.line(f"value = getattr(source, name_{number}, None) if get is None else get(name_{number})")
        case Call(resolve):
            code.constant(f"resolve_{number}", resolve)
            passed = f", **{arguments}" if arguments else ""
            code.line(f"value = resolve_{number}(source, info{passed})")
        case Direct():
            code.line(f"value = {_call(code, read, number)}")


def _call(code: Code, read: Direct, number: int) -> str:
    code.constant(f"call_{number}", read.function)
    passed = ["source"] if read.positional else []
    passed += [f"{name}=source" for name in read.sources]
    if read.infos:
        code.constant(f"make_info_{number}", read.make_info)
        code.constant(f"definition_{number}", read.definition)
        made = f"make_info_{number}(_raw_info=info, _field=definition_{number})"
        passed += [f"{name}={made}" for name in read.infos]
    return f"call_{number}({', '.join(passed)})"
