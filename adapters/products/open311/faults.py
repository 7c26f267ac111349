"""From an Open311 error reply to the error tree: `[{code, description}]`, whatever its format and status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from adapters.contract.errors import AdapterError, BadReply, Maintenance, Problem, Rejected
from adapters.contract.transport import Reply, current_call
from adapters.products.open311.codec import Format, fit, read
from adapters.products.open311.wire import WireError
from adapters.products.replies import ERRORS, error_for, retry_after

MAINTENANCE = "maintenance"
"""The code with which a server announces in a 503 that it is closed until `Retry-After`."""
_CODE = re.compile(r"[A-Za-z0-9_.\[\]-]{1,64}")


def error_of(reply: Reply, written: Format) -> AdapterError:
    """The error that a reply with another status than 200 stands for; its body may be anything.

    A `Rejected` has one problem per entry: its code, and its description, which is for the person who asked.
    """
    entries = _read(reply.body, written)
    code = entries[0].code if entries else None
    if reply.status == 503 and code == MAINTENANCE:
        wait = retry_after(reply)
        until = None if wait is None else current_call().at + timedelta(seconds=wait)
        return Maintenance("the department is closed", wire_code=code, retry_after=wait, until=until)
    error = error_for(reply, wire_code=code)
    if isinstance(error, Rejected):
        problems = tuple(Problem(entry.code, entry.description or "") for entry in entries)
        return Rejected(error.reason, problems=problems, wire_code=code)
    return error


def inner_error(data: Any, reply: Reply) -> AdapterError | None:
    """The error inside an answer that looks successful; its code counts as the status where it is one."""
    entries = _entries(data)
    if not entries:
        return None
    code = entries[0].code
    status = int(code) if code.isdecimal() and int(code) in ERRORS else 500
    return error_for(Reply(status=status, headers=reply.headers, body=b""), wire_code=code)


def _read(body: bytes, written: Format) -> Sequence[WireError]:
    try:
        return _entries(read(body, written, "errors"))
    except BadReply:
        return ()


def _entries(data: Any) -> Sequence[WireError]:
    """The entries of an error answer; none when it is something else."""
    entries = data.get("errors") if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(each, dict) and "code" in each for each in entries):
        return ()
    found = fit(entries, tuple[WireError, ...])
    return [each if _CODE.fullmatch(each.code) else WireError(code="unreadable") for each in found]
