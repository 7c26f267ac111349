"""The chain: each entry's hash covers its content and the hash of the entry before it."""

from __future__ import annotations

import hashlib

import msgspec

from adapters.contract.usage import LogBroken
from adapters.runtime.audit.contract import MONTH, Contents, Draft, Row

BEGINNING = bytes(32)
"""What the first entry follows."""
_MARK = b"citygate access log 1"
_encode = msgspec.msgpack.Encoder().encode


def linked(previous: bytes, seq: int, draft: Draft) -> Row:
    """The row after an entry with the hash `previous`."""
    return Row(seq, *draft, hash_of(previous, seq, draft))


def hash_of(previous: bytes, seq: int, draft: Draft) -> bytes:
    """The hash that a row must have after an entry with the hash `previous`: a SHA-256."""
    return hashlib.sha256(_MARK + previous + _encode((seq, draft))).digest()


class Verifier:
    """Takes the rows of a chain in order, after the entry `seq` with the hash `previous`."""

    def __init__(self, seq: int = 0, previous: bytes = BEGINNING) -> None:
        self.seq = seq
        self.previous = previous
        self.count = 0

    def take(self, row: Row, contents: Contents) -> None:
        """The next row, with the descriptions that rows name. Raises: LogBroken."""
        if row.seq != self.seq + 1:
            raise LogBroken(self.seq + 1, f"it is missing; the next one that is there is {row.seq}")
        if row.hash != hash_of(self.previous, row.seq, row[1:-1]):
            raise LogBroken(row.seq, "its hash is not that of its content after the entry before it: one was altered")
        self._look_at_description(row, contents)
        self.seq, self.previous = row.seq, row.hash
        self.count += 1

    def end(self, seq: int, digest: bytes) -> None:
        """The chain must end, or have been, at this entry with this hash. Raises: LogBroken."""
        if seq > self.seq:
            raise LogBroken(self.seq + 1, f"it is missing, and all up to {seq}: the log was cut off")
        if digest != self.previous:
            raise LogBroken(seq, "its hash is not the head's: the end of the log was replaced")

    def _look_at_description(self, row: Row, contents: Contents) -> None:
        content = contents.get(row.what)
        if content is None:
            raise LogBroken(row.seq, f"the description that it names is missing: {row.what.hex()}")
        if hashlib.sha256(content.encode()).digest() != row.what[MONTH:]:
            raise LogBroken(row.seq, f"the description that it names was altered: {row.what.hex()}")
