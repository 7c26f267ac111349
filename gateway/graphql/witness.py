"""The seam to whatever keeps a record of who saw what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.types import Scope

from gateway.graphql.answers import Kept
from gateway.graphql.operation import Operation


class Watch(Protocol):
    """Sees one request's answer."""

    def found(self, kept: Kept) -> Any | None:
        """A kept answer leaves; what is to be noted each time that it leaves again, if anything is."""
        ...

    def executed(self) -> None:
        """The operation was executed, with whatever end."""
        ...

    async def settled(self) -> None:
        """To be awaited before the answer leaves. Raises: HTTPRefusal when it must not."""
        ...


class Witness(Protocol):
    """Sees all answers."""

    async def watch(
        self, operation: Operation, variables: Mapping[str, Any], context: Any, scope: Scope
    ) -> Watch | None:
        """Before anything else is done for an operation; None when nothing can be seen.

        Raises: HTTPRefusal when nothing may be seen now.
        """
        ...
