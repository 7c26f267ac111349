"""What a database must be able to do, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from adapters.contract.yaml_file import Misconfigured

T = TypeVar("T")


class DatabaseUnavailable(Exception):
    """The database does not answer, is full, or is not what it should be; nothing personal is in the message."""


class BadUrl(Misconfigured):
    """A URL that cannot be used; names what is allowed, never a password."""


@dataclass(frozen=True)
class Tables:
    """The tables of one use: `what` it is called, the table that has their version, and what creates all of them.

    `statements` takes the database's type for bytes.
    """

    what: str
    version_table: str
    version: int
    statements: Callable[[str], Sequence[str]]

    def require(self, place: str, version: int) -> None:
        """Refuse tables of another version. Raises: DatabaseUnavailable."""
        if version != self.version:
            raise DatabaseUnavailable(
                f"{place} has the {self.what}'s tables in version {version}; this gateway has {self.version}"
            )


class Database(Protocol):
    """One connection inside a transaction. Parameters are written `%s`."""

    skip_locked: str
    """What follows a SELECT so that its rows are this transaction's alone; empty where every writer is alone."""

    for_update: str
    """What follows a SELECT of rows that nobody else may change until the end; empty where every writer is alone."""

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a statement returns."""
        ...

    def change(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """How many rows a statement changed."""
        ...


class Connections(Protocol):
    """How work gets to the database."""

    def now(self) -> float:
        """Seconds since the epoch by the clock that all users of the database share."""
        ...

    async def run(self, work: Callable[[Database], T], *, writes: bool) -> T:
        """Run work in one transaction of its own, off the event loop; durable once this returns.

        Raises: DatabaseUnavailable.
        """
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...
