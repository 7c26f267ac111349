"""What stands around a field's resolver, and which a compiled plan leaves out for as long as it would add nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo
from graphql.type import GraphQLFieldResolver


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """A field's resolver: `outer(path, call, ...)` calls `call(...)` and comes to what that comes to.

    graphql-core has it call `inner`; a compiled plan the function behind `inner`, which says the same. While
    `is_idle()`, which is asked before each call, they are called alone.
    """

    outer: Callable[..., Awaitable[Any]]
    inner: GraphQLFieldResolver
    is_idle: Callable[[], bool]

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Resolve, as graphql-core asks."""
        return self.outer(info.path, self.inner, source, info, **arguments)
