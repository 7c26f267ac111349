"""From a failure of the API platform (`{code, message}`, perhaps with `errors`) to an error."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    NotFound,
    NotOffered,
    Problem,
    QuotaExceeded,
    Rejected,
    TimedOut,
    TryLater,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import Reply, current_call
from adapters.products.replies import error_for, retry_after

KINDS: dict[str, type[AdapterError]] = {
    "NOT_FOUND": NotFound,
    "MATCHING_RESOURCE_NOT_FOUND": NotOffered,  # the platform has nothing at this address
    "DUPLICATE_SUBMISSION": Rejected,
    "TAX_PERIOD_NOT_ENDED": Rejected,
    "NOT_FINALISED": Rejected,
    "DATE_RANGE_TOO_LARGE": Rejected,
    "CLIENT_OR_AGENT_NOT_AUTHORISED": Unauthorised,
    "INVALID_CREDENTIALS": Unauthorised,
    "MISSING_CREDENTIALS": Unauthorised,
    "MESSAGE_THROTTLED_OUT": QuotaExceeded,
    "INTERNAL_SERVER_ERROR": Unavailable,
    "SERVER_ERROR": Unavailable,
    "GATEWAY_TIMEOUT": TimedOut,
    "SCHEDULED_MAINTENANCE": Maintenance,
}
"""What a code means whatever the status; any other code leaves it to the status."""
RULE = "RULE_"
"""How the codes of business rules begin, which come with 403 too."""
Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9_]{1,59}$")]


class Fault(msgspec.Struct, frozen=True):
    """One entry of `errors`; `path` is a JSON pointer into the request's body."""

    code: Code
    message: str = ""
    path: str | None = None


class Failure(msgspec.Struct, frozen=True):
    """`errorResponse`; `errors` come with the code INVALID_REQUEST."""

    code: Code
    message: str = ""
    errors: tuple[Fault, ...] = ()


def failure(reply: Reply) -> AdapterError:
    """The error that a failed reply stands for; a body in other words leaves the status to say it."""
    said = _said(reply)
    if said is None:
        return _foreign(reply)
    kind = KINDS.get(said.code) or (Rejected if said.code.startswith(RULE) else None)
    return _worded(kind or type(_foreign(reply)), said, reply)


def inner_failure(reply: Reply) -> AdapterError | None:
    """The failure inside a reply whose status says success; None when there is none that the platform words so."""
    said = _said(reply)
    if said is None or said.code not in KINDS:
        return None
    return _worded(KINDS[said.code], said, reply)


def _said(reply: Reply) -> Failure | None:
    try:
        return msgspec.json.decode(reply.body, type=Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _foreign(reply: Reply) -> AdapterError:
    """By status alone; a bare 404 is some other server's and says nothing about a taxpayer."""
    if reply.status in (404, 410):
        return BadReply(f"the reply is an HTTP {reply.status} without the API's own code")
    return error_for(reply)


def _worded(kind: type[AdapterError], said: Failure, reply: Reply) -> AdapterError:
    reason = f"the department answered HTTP {reply.status}"
    wait = retry_after(reply)
    if issubclass(kind, Maintenance):
        until = None if wait is None else current_call().at + timedelta(seconds=wait)
        return kind(reason, wire_code=said.code, retry_after=wait, until=until)
    if issubclass(kind, TryLater):
        return kind(reason, wire_code=said.code, retry_after=wait)
    if issubclass(kind, Rejected):
        return kind(reason, problems=_problems(said), wire_code=said.code)
    return kind(reason, wire_code=said.code)


def _problems(said: Failure) -> tuple[Problem, ...]:
    faults = said.errors or (Fault(said.code, said.message),)
    return tuple(Problem(each.code, each.message, _steps(each.path)) for each in faults)


def _steps(pointer: str | None) -> tuple[str, ...]:
    """The steps of a JSON pointer (RFC 6901)."""
    if not pointer:
        return ()
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("/").split("/"))
