"""From a building block's failure (`systemError`) to an error."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from adapters.contract.errors import AdapterError, Maintenance, Problem, Rejected
from adapters.contract.transport import Reply, current_call
from adapters.products.govstack.wire import FieldError, ServiceFailure
from adapters.products.replies import error_for, retry_after

MAINTENANCE = "MAINTENANCE"
_NOT_CODE = re.compile(r"[^A-Z0-9]+")


def failure(reply: Reply) -> AdapterError:
    """The error that a failed reply stands for; a body that is no `systemError` leaves the status to say it."""
    try:
        said = msgspec.json.decode(reply.body, type=ServiceFailure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return error_for(reply)
    code = stable(said.code)
    if code == MAINTENANCE and reply.status >= 500:
        return _maintenance(reply, code)
    error = error_for(reply, wire_code=code)
    if isinstance(error, Rejected):
        error.problems = problems(said)
    return error


def problems(said: ServiceFailure) -> tuple[Problem, ...]:
    """One problem per field; one for the whole when the block names no field."""
    if said.errors:
        return tuple(_problem(each) for each in said.errors)
    return (Problem(stable(said.code), said.localizedMessage or said.message),)


def stable(code: str) -> str:
    """A code in upper snake case: `Form.invalid` is `FORM_INVALID`."""
    return _NOT_CODE.sub("_", code.upper()).strip("_")[:60] or "UNSPECIFIED"


def _problem(each: FieldError) -> Problem:
    return Problem(stable(each.code), each.localizedMessage or each.message, tuple(each.field.split(".", 1)))


def _maintenance(reply: Reply, code: str) -> Maintenance:
    wait = retry_after(reply)
    until = None if wait is None else current_call().at + timedelta(seconds=wait)
    return Maintenance("the department is closed for maintenance", wire_code=code, retry_after=wait, until=until)
