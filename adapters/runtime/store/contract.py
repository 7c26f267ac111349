"""What every record store promises, whichever engine stands behind it.

The race that the contract rules out: a read starts, a mutation drops the tag, and only then does the
read's old answer reach the store. So whoever fills the store first asks for the `generations` of all tags
involved, then reads from the department, then hands the snapshot over with the entries. An entry with a tag
that was dropped after its snapshot is never served again, whatever the order of arrival.

    StoreError
    ├── BadStoreUrl        the configuration is wrong: refuse to start
    └── StoreUnavailable   the engine does not answer: go on without the store
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from adapters.contract.yaml_file import Misconfigured

LONGEST_TTL = 366 * 24 * 3600.0
MOST_TAGS = 64
FOR_ALL = "all:"
"""How the names of entries begin that are nobody's: where names are sealed these are not, so that every gateway on the
same engine finds them, whichever keys it has."""


class StoreError(Exception):
    """The store cannot do its work."""


class BadStoreUrl(StoreError, Misconfigured):
    """A store's URL is refused: the message names the part, its value and what is allowed."""


class StoreUnavailable(StoreError):
    """The engine is unreachable, too slow or full; never carries a key, a value or a tag."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One value to keep: opaque bytes for at most `ttl` seconds, found by key and dropped by tag.

    Raises `ValueError` for a `ttl` outside 0 < ttl <= 366 days and for more than 64 tags.
    """

    key: str
    value: bytes
    ttl: float
    tags: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Entry(ttl={self.ttl!r})"

    def __post_init__(self) -> None:
        if not 0 < self.ttl <= LONGEST_TTL:  # false of what is no number, too
            raise ValueError(f"ttl is {self.ttl} s; allowed is more than 0 and at most {LONGEST_TTL:.0f} s")
        if len(self.tags) > MOST_TAGS:
            raise ValueError(f"an entry has {len(self.tags)} tags; at most {MOST_TAGS} are allowed")


class Snapshot(msgspec.Struct, frozen=True):
    """The generation of each tag at one moment; opaque, and only good for the store that gave it."""

    tokens: Mapping[str, int]

    def __repr__(self) -> str:
        return f"Snapshot(of {len(self.tokens)} tags)"

    def require(self, entries: Sequence[Entry]) -> None:
        """Raise `ValueError` when an entry has a tag that this snapshot does not cover."""
        lacking = {tag for tags in {entry.tags for entry in entries} for tag in tags if tag not in self.tokens}
        if lacking:
            raise ValueError(f"the snapshot lacks {len(lacking)} tags of the entries: take it with all of them")


NO_TAGS = Snapshot({})


class Carriers(NamedTuple):
    """How many entries carry one of some tags, of all that were looked at."""

    found: int
    searched: int


class Store(Protocol):
    """A bounded, shared memory of recent answers that may forget anything at any time.

    Every method but `aclose` may raise `StoreUnavailable`.
    """

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """Return one value per key, in order; `None` for what is absent, expired or dropped."""

    async def generations(self, tags: Sequence[str]) -> Snapshot:
        """Return the tags' generations, to be taken before the read whose result will be put."""

    async def is_current(self, snapshot: Snapshot) -> bool:
        """Say whether certainly none of the snapshot's tags was dropped since it was taken."""

    async def put_many(self, entries: Sequence[Entry], snapshot: Snapshot = NO_TAGS) -> None:
        """Keep the entries, except those with a tag that was dropped since the snapshot.

        Raises `ValueError` when the snapshot does not cover a tag.
        """

    async def drop_tags(self, tags: Sequence[str]) -> int:
        """Make everything that carries one of the tags unreadable at once and return how many went.

        After `StoreUnavailable` the store owes the drop and makes good for it before it serves again.
        """

    async def carriers(self, tags: Sequence[str]) -> Carriers:
        """Look at every entry there is, one after the other, for one of the tags: for reports, not for requests."""

    async def ping(self) -> None:
        """Return when the engine answers."""

    async def aclose(self) -> None:
        """Let go of connections, files and memory; a second call does nothing."""
