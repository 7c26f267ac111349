"""One attempt to deliver a leased order: send it, or ask the department whether it has it."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from adapters.contract.errors import AdapterError, Unreachable
from adapters.contract.operations import Seen
from adapters.contract.transport import CallInfo, set_current_call
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.papers import Ordered
from adapters.runtime.stages.guards import Guards

TOO_LATE = "there was no time left to send it"


async def send(bound: Bound, order: Any, *, reference: str, info: CallInfo, seconds: float, guards: Guards) -> Any:
    """The record that the order led to; `seconds` bound the call, and the wait for its turn, beside its own timeout.

    Raises: AdapterError with department and operation; whatever a faulty adapter raises.
    """
    if seconds <= 0:
        raise bound.blame(Unreachable(TOO_LATE))
    method = partial(bound.method, _with_reference(order, reference))
    return await guards.of(bound.department).call(bound, partial(_once, info, method), within=seconds)


async def read_back(bound: Bound, read: Bound, order: Any, *, info: CallInfo, guards: Guards) -> Seen | None:
    """What the department shows of the order; None when it was certainly not carried out.

    Raises: as `send`; Ambiguous when the department's records do not tell.
    """
    seen_by = bound.operation.seen_by
    assert seen_by is not None, "the manifest was checked"
    key = seen_by.key(order)
    info = msgspec.structs.replace(info, operation=read.operation.name)
    arguments: tuple[Any, ...] = ([key], read.operation.personal) if read.operation.selects_fields else ([key],)
    attempt = partial(_once, info, partial(read.method, *arguments))
    found = await guards.of(read.department).call(read, attempt, within=read.timeout)
    try:
        return seen_by.find(order, found.get(key))
    except AdapterError as exc:
        raise bound.blame(exc) from exc


def call_info(bound: Bound, ordered: Ordered) -> CallInfo:
    """The facts of a call that begins now, for whose order it is and by who gave it."""
    return CallInfo(
        id=str(uuid.uuid4()),
        operation=bound.operation.name,
        subject=ordered.whose.subject,
        actor=ordered.whose.actor,
        locale=ordered.locale,
        at=datetime.now(UTC),
    )


async def _once(info: CallInfo, method: Callable[[], Awaitable[Any]], until: float) -> Any:
    set_current_call(msgspec.structs.replace(info, until=until))
    return await method()


def _with_reference(order: Any, reference: str) -> Any:
    fields = getattr(type(order), "__struct_fields__", ())
    return msgspec.structs.replace(order, reference=reference) if "reference" in fields else order
