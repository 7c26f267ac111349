"""What a resolver is handed: the city's ports, bound to the person who asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from adapters.contract.filings import Filing

P = TypeVar("P")


class PersonalUse(NamedTuple):
    """A department's operation used about a person (`subject`), by whom else and on what ground."""

    subject: str
    actor: str | None
    basis: str | None
    department: str
    operation: str


class StaleRead(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an answer that is older than it may be when all is well: who said it, when, and why it is used.

    `reason` is `REVALIDATING`, or the code of the department's failure (`CIV_TIMED_OUT`).
    """

    department: str
    operation: str
    as_of: datetime
    reason: str


class Uses:
    """What a request's answer is made of, noted while it is made: whether, how long and for whom it may be kept.

    `generations` are the tags of everything that was read, each with its generation at that time; `fresh_until` is
    the earliest end of a part's freshness, in seconds since the epoch; `personal` says that the answer depends on
    who asks; `keep` is False when a part may not be kept at all. `stale` has the oldest stale read of each operation of
    a department. `reads` are the uses of personal data, each with whether all of it came from a cache; `checks` are
    those that only decided about rights.
    """

    __slots__ = ("checks", "fresh_until", "generations", "keep", "personal", "reads", "stale")

    def __init__(self) -> None:
        self.generations: dict[str, int] = {}
        self.fresh_until = float("inf")
        self.personal = False
        self.keep = True
        self.reads: dict[PersonalUse, bool] = {}
        self.checks: dict[PersonalUse, bool] = {}
        self.stale: dict[tuple[str, str], StaleRead] = {}

    def note(self, generations: Mapping[str, int] | None, fresh_until: float) -> None:
        """A part was read: None when its tags' generations are not known, and the answer cannot be kept."""
        known = self.generations
        for tag, at in (generations or {}).items():
            if known.setdefault(tag, at) != at:
                generations = None
        if generations is None:
            self.keep = False
            return
        self.fresh_until = min(self.fresh_until, fresh_until)

    def note_stale(self, read: StaleRead) -> None:
        """A part is stale: the answer is not kept."""
        self.keep = False
        place = (read.department, read.operation)
        known = self.stale.get(place)
        if known is None or read.as_of < known.as_of:
            self.stale[place] = read

    def used(self, use: PersonalUse, *, cached: bool) -> None:
        """Personal data was used."""
        self.reads[use] = cached and self.reads.get(use, True)

    def were_checks(self) -> None:
        """What was used so far is not shown to anybody: it only decided about rights."""
        self.checks.update(self.reads)
        self.reads.clear()


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, in which language (`zh-CN` or `en`), and until when (seconds of the event loop's clock).

    `subject` is whom personal data is about. Where somebody else acts, `actor` is who, and `basis` on what ground.
    What the caller is answered with is noted in `uses`.
    """

    subject: str | None
    locale: str
    deadline: float
    actor: str | None = None
    basis: str | None = None
    uses: Uses = msgspec.field(default_factory=Uses)


class City(Protocol):
    """All departments as one."""

    def port(self, protocol: type[P]) -> P:
        """The port, whichever department is behind each of its operations.

        A method for which no department is configured raises NotOffered. Reads return an `Answer`, writes a
        `Writing`, whose order is in the ledger before it is sent.
        """
        ...

    def each(self, protocol: type[P]) -> Mapping[str, P]:
        """A port that every department may provide (`by_each`), at each that does, by the department's name.

        They are in the order of the configuration, and a failure of one is its own: ask each apart.
        """
        ...

    async def filings(self) -> tuple[Filing, ...]:
        """The person's own orders as the ledger has them, newest first, at most 200.

        Who acts for the person has those alone that were given on the same ground.

        Raises: PermissionError when nobody is logged in; NotRecorded when the ledger does not answer.
        """
        ...

    def on_behalf_of(self, subject: str, *, actor: str, basis: str) -> City:
        """The same city for a person for whom the caller acts, on a ground such as `officer` or `parent`."""
        ...

    def departments(self) -> tuple[DepartmentInfo, ...]:
        """The configured departments, in the order of the configuration."""
        ...


class DepartmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A department as people see it. `code` begins its error codes; `operations` are what it provides."""

    name: str
    code: str
    title_en: str
    title_zh: str
    protocol: str
    operations: tuple[str, ...]
    phone: str | None
    office: str | None
