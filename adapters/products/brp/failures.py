"""From a failure of the register (`Foutbericht`, problem+json) to an error."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from adapters.contract.errors import AdapterError, BadReply, Maintenance, NotFound, Problem, Rejected
from adapters.contract.transport import Reply, current_call
from adapters.products.brp.wire import Foutbericht, InvalidParam
from adapters.products.replies import error_for, retry_after

_CODE = re.compile(r"[a-zA-Z0-9]{1,25}")
_STEP = re.compile(r"[^.\[\]]+")
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def failure(reply: Reply) -> AdapterError:
    """The error that a failed reply stands for; a body that is no `Foutbericht` leaves the status to say it.

    A 404 is a BadReply: the register has one address, and says who is unknown by leaving them out.
    """
    said = _read(reply)
    code = said.code if said and _CODE.fullmatch(said.code) else None
    if reply.status == 503 and code == "notAvailable" and (wait := retry_after(reply)) is not None:
        until = current_call().at + timedelta(seconds=wait)
        return Maintenance("the register is not available", wire_code=code, retry_after=wait, until=until)
    error = error_for(reply, wire_code=code)
    if isinstance(error, NotFound):
        return BadReply(error.reason, wire_code=code)
    if isinstance(error, Rejected) and said:
        error.problems = tuple(_problem(each) for each in said.invalidParams)
    return error


def _read(reply: Reply) -> Foutbericht | None:
    try:
        return msgspec.json.decode(reply.body, type=Foutbericht)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _problem(each: InvalidParam) -> Problem:
    """`{name: burgerservicenummer[0], code: maxItems}` has the path (`burgerservicenummer`, `0`), code `MAX_ITEMS`."""
    code = _HUMP.sub("_", each.code).upper() if _CODE.fullmatch(each.code) else "UNSPECIFIED"
    return Problem(code, each.reason, tuple(_STEP.findall(each.name)))
