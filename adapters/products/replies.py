"""From a reply's status to an error, and from its body to a typed struct: the one table that products share."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    NotFound,
    QuotaExceeded,
    Rejected,
    TimedOut,
    TryLater,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import Reply

T = TypeVar("T")
LONGEST_WAIT = 365 * 86400.0
_QUOTED = re.compile(r"^(Invalid (?:enum )?value) .*?((?: - at `[^`]*`)?)$", re.DOTALL)

ERRORS: dict[int, type[AdapterError]] = {
    400: Rejected,
    401: Unauthorised,
    403: Unauthorised,
    404: NotFound,
    408: TimedOut,
    409: Rejected,
    410: NotFound,
    422: Rejected,
    429: QuotaExceeded,
    500: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: TimedOut,
}


def error_for(reply: Reply, *, wire_code: str | None = None) -> AdapterError:
    """The error that a failed reply's status stands for; a status that no protocol here uses is a BadReply."""
    kind = ERRORS.get(reply.status, Unavailable if reply.status >= 500 else BadReply)
    reason = f"the department answered HTTP {reply.status}"
    if issubclass(kind, TryLater):
        return kind(reason, wire_code=wire_code, retry_after=retry_after(reply))
    return kind(reason, wire_code=wire_code)


def require(reply: Reply, accepted: Collection[int] = (200,)) -> Reply:
    """The reply itself when its status is one of `accepted`. Raises: what `error_for` makes of it otherwise."""
    if reply.status not in accepted:
        raise error_for(reply)
    return reply


def retry_after(reply: Reply) -> float | None:
    """Seconds from `Retry-After` (RFC 9110, seconds or a date) or `RateLimit-Reset`; None where neither is readable.

    At most a year: what is beyond is a mistake or a joke.
    """
    value = (reply.headers.get("retry-after") or reply.headers.get("ratelimit-reset") or "").strip()
    try:
        wait = float(value) if value.isdecimal() else (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(0.0, wait), LONGEST_WAIT)


def decode(body: bytes, into: type[T]) -> T:
    """A JSON body as `into`, strictly.

    Raises: BadReply with the path of what does not fit (`$.persons[0].birth`), never its value.
    """
    try:
        return msgspec.json.decode(body, type=into)
    except msgspec.ValidationError as exc:
        raise BadReply(f"the reply does not fit {into_name(into)}: {_misfit(exc)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise BadReply("the reply is not JSON") from exc


def _misfit(exc: msgspec.ValidationError) -> str:
    """msgspec's words without the value that it quotes for enumerations and tags."""
    return _QUOTED.sub(r"\1\2", str(exc))


def into_name(into: object) -> str:
    """A short name of a wire type for an error's text."""
    return getattr(into, "__name__", None) or str(into)
