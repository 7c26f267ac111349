"""The access log's entries as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """An entry as it is kept, in the order of its columns.

    `first` and `last` are microseconds since the epoch between which it happened `times`. `person` is a keyed digest,
    `who` is sealed. `what` is the name of a description: two bytes for its month, then its SHA-256. `traces` has 16
    bytes for each trace. `hash` is over all of this and the hash of the entry before.
    """

    seq: int
    first: int
    last: int
    times: int
    person: bytes
    who: bytes
    what: bytes
    traces: bytes
    hash: bytes


Draft = tuple[int, int, int, bytes, bytes, bytes, bytes]
"""A row without its number and hash."""


class Point(NamedTuple):
    """A place in the chain: the entry's number and hash, when it was set (microseconds), and a keyed digest of it."""

    seq: int
    hash: bytes
    at: int
    seal: str


Contents = Mapping[bytes, str]
"""Descriptions by name."""
MONTH = 2
"""Bytes of a name that are the month's."""
