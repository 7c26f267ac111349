"""The access log's entries as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """An entry as it is kept, in the order of its columns.

    `first` and `last` are microseconds since the epoch between which it happened `times`. `person` is a keyed digest,
    `who` is sealed. `what` is a month and the name of a description. `traces` has 32 digits for each trace. `hash` is
    over all of this and the hash of the entry before.
    """

    seq: int
    first: int
    last: int
    times: int
    person: str
    who: str
    what: str
    traces: str
    hash: str


class Point(NamedTuple):
    """A place in the chain: the entry's number and hash, when it was set (microseconds), and a keyed digest of it."""

    seq: int
    hash: str
    at: int
    seal: str


Contents = Mapping[str, str]
"""Descriptions by month and name."""
