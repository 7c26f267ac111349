"""Connections after Relay's cursor specification, over lists that a department gave whole."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import strawberry

from adapters.contract.records import Source as SourceRecord
from resolvers.common import sensitivity
from resolvers.common.errors import InvalidPage
from resolvers.common.values import Source

T = TypeVar("T")
LARGEST_PAGE = 100
USUAL_PAGE = 20
First = Annotated[int | None, strawberry.argument(description=f"At most so many from the start; up to {LARGEST_PAGE}.")]
After = Annotated[
    str | None,
    strawberry.argument(description="Only what comes after this cursor.", directives=sensitivity.IDENTIFIER),
]
Last = Annotated[int | None, strawberry.argument(description=f"At most so many from the end; up to {LARGEST_PAGE}.")]
Before = Annotated[
    str | None,
    strawberry.argument(description="Only what comes before this cursor.", directives=sensitivity.IDENTIFIER),
]


@strawberry.type(description="Where a page stands within its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="The cursor of the page's first entry."
    )
    end_cursor: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="The cursor of the page's last entry."
    )


@strawberry.type(description="An entry of a list with its cursor.")
class Edge(Generic[T]):
    """Relay's Edge."""

    node: T = strawberry.field(description="The entry.")
    cursor: str = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="The entry's place, for `after` and `before`."
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay's Connection, with the list's length and where it came from."""

    edges: list[Edge[T]] = strawberry.field(description="The page's entries with their cursors.")
    nodes: list[T] = strawberry.field(description="The page's entries without cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    total_count: int = strawberry.field(description="How many entries the whole list has.")
    source: Source | None = strawberry.field(description="Which department the list came from, and when.")


class Page(msgspec.Struct, frozen=True):
    """What a connection's resolver returns: some entries of a list, of which `start` come before them."""

    nodes: Sequence[Any]
    start: int
    total_count: int
    key: Callable[[Any], str]
    find_source: Callable[[], SourceRecord | None] | None

    @property
    def source(self) -> SourceRecord | None:
        """Where the list came from."""
        return None if self.find_source is None else self.find_source()

    @property
    def page_info(self) -> PageInfo:
        """Where the page stands; made when somebody asks for it, as its cursors are."""
        nodes = self.nodes
        return PageInfo(
            has_next_page=self.start + len(nodes) < self.total_count,
            has_previous_page=self.start > 0,
            start_cursor=cursor(self.key(nodes[0])) if nodes else None,
            end_cursor=cursor(self.key(nodes[-1])) if nodes else None,
        )

    @property
    def edges(self) -> list[Edge[Any]]:
        """The entries with their cursors, which are made when somebody asks for them."""
        return [Edge(node=node, cursor=cursor(self.key(node))) for node in self.nodes]


class Window(msgspec.Struct, frozen=True):
    """The four page arguments, checked: at most one of `first` and `last`; a page of 20 when neither is given."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise InvalidPage("first and last cannot be used together")
        for name, value in (("first", self.first), ("last", self.last)):
            if value is not None and not 0 <= value <= LARGEST_PAGE:
                raise InvalidPage(f"{name} is {value}; it must be from 0 to {LARGEST_PAGE}")

    @property
    def size(self) -> int:
        """How many entries the page has at most."""
        given = self.first if self.last is None else self.last
        return USUAL_PAGE if given is None else given


def paginate(
    records: Sequence[Any],
    window: Window,
    find_source: Callable[[], SourceRecord | None] | None,
    *,
    key: Callable[[Any], str] = lambda record: record.id,
) -> Page:
    """The window's page of a list; `key` gives what a cursor stands for, `find_source` where the list came from.

    Raises: InvalidPage for a cursor that is not in the list.
    """
    start = _place(map(key, records), window.after, "after") + 1 if window.after is not None else 0
    end = _place(map(key, records), window.before, "before") if window.before is not None else len(records)
    start = min(start, end)
    if window.last is not None:
        start = max(start, end - window.size)
    else:
        end = min(end, start + window.size)
    return Page(records[start:end], start, len(records), key, find_source)


def cursor(key: str) -> str:
    """What stands for a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def uncursor(value: str | None) -> str | None:
    """The key that a cursor stands for. Raises: ValueError for what is none."""
    if value is None:
        return None
    return base64.b64decode(value + "=" * (-len(value) % 4), b"-_", validate=True).decode()


def _place(keys: Iterable[str], wanted: str, argument: str) -> int:
    for at, key in enumerate(keys):
        if cursor(key) == wanted:
            return at
    raise InvalidPage(f"{argument} is a cursor that is not in the list (any more)")
