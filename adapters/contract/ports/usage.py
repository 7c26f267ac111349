"""The registers' own logs: what a department has itself noted about uses of a person's data (X-Road's `findUsage`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from adapters.contract.operations import FieldSet, port, read
from adapters.contract.records import PersonId, Record

MOST_ENTRIES = 200
"""Entries of a person that a register is asked for."""


class RegisterUse(Record, frozen=True):
    """One entry of a register's log; its words are the register's own.

    `action` says what was done, `receiver_code`, `receiver_name` and `receiver_system` who got the data: the
    organisation, and the system or user that asked in its name. None is what the register does not say. `id` tells the
    entries of one person's log apart, and stays when newer ones come.
    """

    personal: ClassVar[FieldSet] = frozenset({"action", "receiver_system"})

    id: str
    logged_at: datetime
    action: str | None
    receiver_code: str | None
    receiver_name: str | None
    receiver_system: str | None


@port("usage", by_each=True)
class RegisterLogs(Protocol):
    """A register's log as far as it is about a person; each department may have one."""

    @read
    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet
    ) -> Mapping[PersonId, tuple[RegisterUse, ...]]:
        """Each person's newest entries, newest first, at most `MOST_ENTRIES`; none is an empty tuple.

        Of the personal fields, those in `fields`.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply; Rejected where the register
        tells a person alone, and somebody else asks for the person.
        """
        ...
