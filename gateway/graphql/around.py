"""A resolver around another, which a compiled plan leaves out for as long as it would add nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo
from graphql.type import GraphQLFieldResolver


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """A field's resolver: `outer` calls `inner` and returns what that does.

    While `is_idle()`, which is asked before each call, `inner` alone must come to the same.
    """

    outer: GraphQLFieldResolver
    inner: GraphQLFieldResolver
    is_idle: Callable[[], bool]

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Resolve, as graphql-core asks."""
        return self.outer(source, info, **arguments)
