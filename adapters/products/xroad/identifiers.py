"""X-Road identifiers: who calls, for whom, which service, and in which message."""

from __future__ import annotations

import re
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from adapters.contract.transport import CallInfo

_PART = re.compile(r"[A-Za-z0-9'()+,\-.=?]{1,100}")
_DOTS = frozenset({".", ".."})
COUNTRY = "CN"


class Member(msgspec.Struct, frozen=True):
    """A member or one of its subsystems, written `INSTANCE/CLASS/MEMBER[/SUBSYSTEM]`."""

    instance: str
    member_class: str
    member_code: str
    subsystem: str | None = None

    @classmethod
    def parse(cls, text: str) -> Member:
        """Reads the written form. Raises: ValueError naming the text and what is allowed (pr-rest 4.8)."""
        return cls(*_parts(text, range(3, 5)))

    def __str__(self) -> str:
        return _written(self.instance, self.member_class, self.member_code, self.subsystem)


class Service(msgspec.Struct, frozen=True):
    """A service of a subsystem, written `INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE[/VERSION]`."""

    provider: Member
    code: str
    version: str | None = None

    @classmethod
    def parse(cls, text: str) -> Service:
        """Reads the written form. Raises: ValueError."""
        parts = _parts(text, range(5, 7))
        return cls(Member(*parts[:4]), *parts[4:])

    def __str__(self) -> str:
        return _written(str(self.provider), self.code, self.version)

    @property
    def path(self) -> str:
        """The identifier as a percent-encoded path without the slash at its beginning; a version is not in it."""
        return quote(_written(str(self.provider), self.code))


def user_id(person: str) -> str:
    """A person as `userId` names them: the country's code, then the identity number."""
    return f"{COUNTRY}{person}"


def message_id_of(call: CallInfo, part: int) -> str:
    """The id of the call's n-th message: the call's own for the first, derived from it for the others."""
    return call.id if part == 0 else str(uuid5(UUID(call.id), str(part)))


def _written(*parts: str | None) -> str:
    return "/".join(part for part in parts if part is not None)


def _parts(text: str, lengths: range) -> list[str]:
    parts = text.split("/")
    if len(parts) not in lengths:
        raise ValueError(f"{text!r} has {len(parts)} parts, an identifier here has {lengths[0]} to {lengths[-1]}")
    for part in parts:
        if not _PART.fullmatch(part) or part in _DOTS:
            raise ValueError(f"{text!r}: part {part!r} is not made of 1 to 100 letters, digits and '()+,-.=?")
    return parts
