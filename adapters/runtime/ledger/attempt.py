"""One attempt to deliver a leased order: send it, or ask the department whether it has it."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec

from adapters.contract.errors import AdapterError, TimedOut, Unreachable
from adapters.contract.operations import Seen
from adapters.contract.transport import CallInfo, set_current_call
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.papers import Ordered

TOO_LATE = "there was no time left to send it"


async def send(bound: Bound, order: Any, *, reference: str, info: CallInfo, seconds: float) -> Any:
    """The record that the order led to; `seconds` bound the call beside its own timeout.

    Raises: AdapterError with department and operation; whatever a faulty adapter raises.
    """
    if seconds <= 0:
        raise bound.blame(Unreachable(TOO_LATE))
    set_current_call(info)
    return await _bounded(bound, bound.method(_with_reference(order, reference)), min(bound.timeout, seconds))


async def read_back(bound: Bound, read: Bound, order: Any, *, info: CallInfo) -> Seen | None:
    """What the department shows of the order; None when it was certainly not carried out.

    Raises: as `send`; Ambiguous when the department's records do not tell.
    """
    seen_by = bound.operation.seen_by
    assert seen_by is not None, "the manifest was checked"
    key = seen_by.key(order)
    set_current_call(msgspec.structs.replace(info, operation=read.operation.name))
    arguments: tuple[Any, ...] = ([key], frozenset()) if read.operation.selects_fields else ([key],)
    found = await _bounded(read, read.method(*arguments), read.timeout)
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


async def _bounded(bound: Bound, call: Any, seconds: float) -> Any:
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError as exc:
        raise bound.blame(TimedOut(f"no answer within {seconds:g} s")) from exc
    except AdapterError as exc:
        bound.blame(exc)
        raise


def _with_reference(order: Any, reference: str) -> Any:
    fields = getattr(type(order), "__struct_fields__", ())
    return msgspec.structs.replace(order, reference=reference) if "reference" in fields else order
