"""What a resolver is handed: the city's ports, bound to the person who asks."""

from __future__ import annotations

from typing import Protocol, TypeVar

import msgspec

P = TypeVar("P")


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, in which language (`zh-CN` or `en`), and until when (seconds of the event loop's clock)."""

    subject: str | None
    locale: str
    deadline: float


class City(Protocol):
    """All departments as one."""

    def port(self, protocol: type[P]) -> P:
        """The port, whichever department is behind each of its operations.

        A method for which no department is configured raises NotOffered. Reads return an `Answer`.
        """
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
