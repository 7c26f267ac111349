"""What an adapter is handed: one way to send a request to its department, and the facts of the running call."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

_NOT_FIXED = ~(0xF << 76 | 0x3 << 62)
_VERSION_4 = 0x4 << 76 | 0x2 << 62
T = TypeVar("T")


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


AT_ONCE = 32 * 1024
"""Bytes of a reply that are read in the event loop; a longer one is read beside it."""


async def read_apart(reply: Reply, read: Callable[[Reply], T]) -> T:
    """What a function makes of a reply. It may run in a thread, so that a long reply holds nobody up.

    Raises: what the function raises.
    """
    if len(reply.body) <= AT_ONCE:
        return read(reply)
    return await asyncio.to_thread(read, reply)


async def together(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """What several calls give, which go out at the same time; a single one, as mostly, without a task of its own.

    Raises: what the first that fails raises.
    """
    if len(calls) == 1:
        return [await calls[0]]
    return await asyncio.gather(*calls)


def fresh_id() -> str:
    """A random UUID (RFC 9562, version 4) as text: it tells calls apart, and is no secret.

    From the module's generator, which begins anew after a fork: `uuid.uuid4` asks the kernel each time.
    """
    bits = random.getrandbits(128) & _NOT_FIXED | _VERSION_4
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class CallInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the running call for protocols that carry them: correlation ids, user ids, languages.

    `id` is a fresh UUID per department call. `subject` is the person on whose behalf personal data is asked, and
    None for public data, so that a public call cannot carry a person; `actor` is who acts for them, where that is
    somebody else: `user` is whom a department's log is to name. `locale` is `zh-CN` or `en`. `at` is the
    present time in UTC: adapters take it from here and not from a clock. At `until`, by the event loop's clock, nobody
    waits for an answer any more.
    """

    id: str
    operation: str
    subject: str | None
    locale: str
    at: datetime
    actor: str | None = None
    until: float = math.inf

    @property
    def user(self) -> str | None:
        """Who asks: the actor, or else the person."""
        return self.actor or self.subject


_current: ContextVar[CallInfo] = ContextVar("citygate_call")


def current_call() -> CallInfo:
    """The running call. Raises LookupError outside of one, which is a fault of the caller."""
    return _current.get()


def set_current_call(info: CallInfo) -> None:
    """Set the running call for this task and what it starts; done by the runtime (and by tests)."""
    _current.set(info)
