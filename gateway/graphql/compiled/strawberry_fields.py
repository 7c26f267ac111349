"""What Strawberry's own resolvers and enumerations come to, where that is an attribute, a function or a table."""

import inspect
import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from inspect import getattr_static
from typing import Any, cast

from graphql import GraphQLArgument, GraphQLField, GraphQLLeafType, get_nullable_type, is_leaf_type
from strawberry.relay.types import GlobalID
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import CustomGraphQLEnumType
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

_DEFINITION = "strawberry-definition"
_WRAPPERS = "GraphQLCoreConverter.from_resolver.<locals>."


@dataclass(frozen=True, slots=True)
class Direct:
    """A function that Strawberry calls with its source, its `Info` and argument values as they were coerced.

    `positional` says that the source comes first; `sources` and `infos` are the keywords under which each is passed,
    `arguments` the keyword of each of the field's arguments by its name.
    """

    function: Callable[..., Any]
    positional: bool
    sources: tuple[str, ...]
    infos: tuple[str, ...]
    arguments: Mapping[str, str]
    make_info: Callable[..., Any]
    definition: StrawberryField


def attribute(field: GraphQLField) -> str | None:
    """The attribute that a field without a resolver reads, if that is all it does."""
    definition = _definition(field)
    if definition is None or not _is_strawberrys(field, "_get_basic_result"):
        return None
    if not definition.is_basic_field or definition.default_resolver is not getattr:
        return None
    return definition.python_name if _is_name(definition.python_name) else None


def direct(field: GraphQLField, config: StrawberryConfig | None) -> Direct | None:
    """The function behind a field without extensions or permissions and with arguments of leaf types; else None."""
    definition = _definition(field)
    if definition is None or config is None or definition.extensions:
        return None
    resolver = definition.base_resolver
    if resolver is None or not callable(resolver.wrapped_func) or not _is_plain_resolver(field):
        return None
    if inspect.isasyncgenfunction(resolver.wrapped_func):
        return None
    arguments = _arguments(field, definition, config)
    parents = [p.name for p in (resolver.parent_parameter, resolver.root_parameter) if p is not None]
    sources = tuple(dict.fromkeys(parents))
    infos = (resolver.info_parameter.name,) if resolver.info_parameter else ()
    if arguments is None or not _are_keywords([*sources, *infos, *arguments.values()]):
        return None
    positional = resolver.self_parameter is not None
    return Direct(resolver.wrapped_func, positional, sources, infos, arguments, config.info_class, definition)


def _arguments(field: GraphQLField, definition: StrawberryField, config: StrawberryConfig) -> dict[str, str] | None:
    """Keywords of arguments by name; None when there are any that Strawberry makes something else of."""
    found = {config.name_converter.from_argument(argument): argument for argument in definition.arguments}
    if found.keys() != field.args.keys() or not all(map(_passes, found.values(), map(field.args.get, found))):
        return None
    return {name: argument.python_name for name, argument in found.items()}


def _passes(argument: StrawberryArgument, shown: GraphQLArgument | None) -> bool:
    """Whether `strawberry.types.arguments.convert_argument` returns every value as it is."""
    kind = argument.type
    if isinstance(kind, StrawberryOptional) and not isinstance(kind, StrawberryMaybe):
        kind = kind.of_type
    if kind is GlobalID or isinstance(kind, StrawberryMaybe | LazyType):
        return False
    return shown is not None and is_leaf_type(get_nullable_type(shown.type))


def enumerated(leaf: GraphQLLeafType) -> tuple[type[Enum], Mapping[Any, str]] | None:
    """The class of a Strawberry enumeration's members, and the name of each by its value; None for any other type."""
    if type(leaf) is not CustomGraphQLEnumType:
        return None
    members = cast("type[Enum]", leaf.wrapped_cls)
    if getattr_static(members, "value") is not getattr_static(Enum, "value"):  # computed by the class itself
        return None
    try:
        return members, {member.value: leaf.coerce_output_value(member) for member in members}
    except (TypeError, ValueError):  # values that have no hash; members that are not shown
        return None


def _definition(field: GraphQLField) -> StrawberryField | None:
    definition = (field.extensions or {}).get(_DEFINITION)
    if isinstance(definition, StrawberryField) and type(definition).get_result is StrawberryField.get_result:
        return definition
    return None


def _is_plain_resolver(field: GraphQLField) -> bool:
    """Whether Strawberry's wrapper only passes on: exceptions are handled in a cell that is empty then."""
    if not _is_strawberrys(field, "_resolver", "_async_resolver"):
        return False
    handlers: object = inspect.getclosurevars(field.resolve).nonlocals.get("field_exception_handlers")  # type: ignore[arg-type]
    return handlers == ()


def _is_strawberrys(field: GraphQLField, *names: str) -> bool:
    """Whether a resolver is as Strawberry made it: `functools.wraps` copies all but the code."""
    if not inspect.isfunction(field.resolve):
        return False
    return field.resolve.__code__.co_qualname in {f"{_WRAPPERS}{name}" for name in names}


def _are_keywords(names: Sequence[str]) -> bool:
    return all(map(_is_name, names)) and len(set(names)) == len(names)


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)
