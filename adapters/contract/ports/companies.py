"""The company register as it says who may sign for a company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from adapters.contract.operations import port, read
from adapters.contract.records import PersonId, Record, TaxpayerId


class Signatory(Record, frozen=True):
    """A person's part in a company; `signs_alone`: may act for it without anybody else, today.

    `active` is false for a company that is struck off or closed.
    """

    company: TaxpayerId
    name: str
    role: str
    signs_alone: bool
    active: bool


@port("companies")
class Companies(Protocol):
    """Companies by their officers."""

    @read
    async def of_officer(self, persons: Sequence[PersonId]) -> Mapping[PersonId, tuple[Signatory, ...]]:
        """The companies of which each person is an officer; none is an empty tuple.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...
