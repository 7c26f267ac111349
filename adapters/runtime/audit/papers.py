"""What the access log keeps about people: names that only the key gives, and who it was, sealed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from adapters.contract.records import PersonId
from adapters.contract.usage import Description, Seen, Usage, Use
from adapters.runtime.audit.contract import MONTH, Contents, Draft, Point, Row
from adapters.runtime.sealing import Sealer

PLACE = "access log"
MOST_TRACES = 64
"""Repetitions of a use within one batch that one entry has."""
_TRACE = 16


class Papers:
    """Makes rows of what was seen, and reads them again. Used by one thread at a time."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._who = lru_cache(4096)(self._seal)

    def drafts(self, seen: Sequence[Seen]) -> tuple[list[Draft], dict[bytes, str]]:
        """Rows to be, and the descriptions that they name; repetitions of a use share a row."""
        together: dict[Use, list[Seen]] = {}
        for one in seen:
            found = together.get(one[0])
            if found is None:
                together[one[0]] = [one]
            else:
                found.append(one)
        month = month_of(seen[-1][1])
        names = {what: month + what.digest for what in {use.what for use in together}}
        drafts: list[Draft] = []
        for use, all_of_it in together.items():
            person, who = self._who(use.person, use.actor, use.client)
            for start in range(0, len(all_of_it), MOST_TRACES):
                part = all_of_it[start : start + MOST_TRACES]
                times = [one[1] for one in part]
                traces = bytes.fromhex(b"".join([one[2] for one in part]).decode())
                drafts.append((_micro(min(times)), _micro(max(times)), len(part), person, who, names[use.what], traces))
        return drafts, {name: what.content for what, name in names.items()}

    def persons(self, person: str) -> Sequence[bytes]:
        """The digests under which rows about a person may be."""
        return [bytes.fromhex(one) for one in self._sealer.digests("person", person)]

    def seal(self, seq: int, digest: bytes) -> str:
        """What proves that a gateway with the key has set a point."""
        return self._sealer.digests("point", seq, digest.hex())[0]

    def is_sealed(self, point: Point) -> bool:
        """Whether a gateway with one of the keys has set it."""
        return point.seal in self._sealer.digests("point", point.seq, point.hash.hex())

    def who(self, row: Row) -> tuple[str, str | None, str | None]:
        """Person, actor and client of a row. Raises: Unsealable."""
        opened = self._sealer.open(row.who, PLACE)
        return msgspec.msgpack.decode(opened, type=tuple[str, str | None, str | None])

    def usage(self, row: Row, contents: Contents) -> Usage:
        """A row as its person reads it. Raises: Unsealable, KeyError for a description that is gone."""
        _, actor, client = self.who(row)
        return Usage(
            id=str(row.seq),
            began_at=_time(row.first),
            ended_at=_time(row.last),
            times=row.times,
            actor=PersonId(actor) if actor is not None else None,
            client=client,
            what=msgspec.json.decode(contents[row.what], type=Description),
            trace_ids=tuple(row.traces[at : at + _TRACE].hex() for at in range(0, len(row.traces), _TRACE)),
        )

    def _seal(self, person: str, actor: str | None, client: str | None) -> tuple[bytes, bytes]:
        sealed = self._sealer.seal(msgspec.msgpack.encode((person, actor, client)), PLACE)
        return self.persons(person)[0], sealed


def month_of(at: float) -> bytes:
    """The month of a time in UTC, as the names of descriptions begin: later ones are greater."""
    moment = time.gmtime(at)
    return (moment.tm_year * 12 + moment.tm_mon).to_bytes(MONTH, "big")


def _micro(at: float) -> int:
    return round(at * 1e6)


def _time(micro: int) -> datetime:
    return datetime.fromtimestamp(micro / 1e6, UTC)
