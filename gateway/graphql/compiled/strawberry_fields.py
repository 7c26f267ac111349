"""What Strawberry's own resolvers come to, where that is no more than an attribute or a function of the parent."""

import inspect
import keyword
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField
from strawberry.types.field import StrawberryField

_DEFINITION = "strawberry-definition"
_WRAPPERS = "GraphQLCoreConverter.from_resolver.<locals>."


@dataclass(frozen=True, slots=True)
class Direct:
    """A function that Strawberry calls with its source and its `Info` only.

    `positional` says that the source comes first; `sources` and `infos` are the keywords under which each is passed.
    """

    function: Callable[..., Any]
    positional: bool
    sources: tuple[str, ...]
    infos: tuple[str, ...]
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


def direct(field: GraphQLField, info_class: Callable[..., Any] | None) -> Direct | None:
    """The function behind a field without arguments, extensions or permissions; None for any other."""
    definition = _definition(field)
    if definition is None or info_class is None or definition.extensions or definition.arguments or field.args:
        return None
    resolver = definition.base_resolver
    if resolver is None or not callable(resolver.wrapped_func) or not _is_plain_resolver(field):
        return None
    if inspect.isasyncgenfunction(resolver.wrapped_func):
        return None
    parents = [p.name for p in (resolver.parent_parameter, resolver.root_parameter) if p is not None]
    sources = tuple(dict.fromkeys(parents))
    infos = (resolver.info_parameter.name,) if resolver.info_parameter else ()
    if not all(map(_is_name, sources + infos)) or set(sources) & set(infos):
        return None
    positional = resolver.self_parameter is not None
    return Direct(resolver.wrapped_func, positional, sources, infos, info_class, definition)


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


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)
