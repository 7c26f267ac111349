"""What an adapter is handed: one way to send a request to its department, and the facts of the running call."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Protocol

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request to a department.

    `path` is joined to the department's configured address and is percent-encoded already; `query` is a sequence
    of pairs, not yet encoded. `counts` is false for what is not a business call (an OAuth2 token).
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    counts: bool = True


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP reply: header names are lower case, the body is whole and bounded by the transport."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """The door to one department. Deadline, connection limits, TLS and tracing are behind it."""

    async def send(self, request: Request) -> Reply:
        """Send and read the whole reply, whatever its status.

        Raises: Unreachable (no connection: nothing was sent), Interrupted (it broke), TimedOut (the call's deadline),
        BadReply (not HTTP, or larger than the limit).
        """
        ...


class CallInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the running call for protocols that carry them: correlation ids, user ids, languages.

    `id` is a fresh UUID per department call. `subject` is the person on whose behalf personal data is asked, and
    None for public data, so that a public call cannot carry a person. `locale` is `zh-CN` or `en`. `at` is the
    present time in UTC: adapters take it from here and not from a clock.
    """

    id: str
    operation: str
    subject: str | None
    locale: str
    at: datetime


_current: ContextVar[CallInfo] = ContextVar("citygate_call")


def current_call() -> CallInfo:
    """The running call. Raises LookupError outside of one, which is a fault of the caller."""
    return _current.get()


def set_current_call(info: CallInfo) -> None:
    """Set the running call for this task and what it starts; done by the runtime (and by tests)."""
    _current.set(info)
