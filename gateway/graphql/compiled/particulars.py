"""What one execution is given beside its variables."""

from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from graphql.execution.executor import ExecutionHooks, default_field_resolver
from graphql.type import GraphQLFieldResolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Named and meant as by graphql-core's `execute`.

    A predicate other than graphql-core's own must say no to every value of a plain class.
    """

    root_value: Any = None
    context: Any = None
    subscribe_field_resolver: GraphQLFieldResolver = default_field_resolver
    is_awaitable: Callable[[Any], TypeGuard[Awaitable[Any]]] | None = None
    is_async_iterable: Callable[[Any], TypeGuard[AsyncIterable[Any]]] | None = None
    hooks: ExecutionHooks | None = None
