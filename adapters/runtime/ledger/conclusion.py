"""What a caller is told of an order: a record, a refusal, a failure, or that it is on its way."""

from __future__ import annotations

from typing import Any

from adapters.contract.errors import AdapterError, Ambiguous
from adapters.contract.filings import WithoutRecord
from adapters.runtime.bound import Bound
from adapters.runtime.ledger.contract import State
from adapters.runtime.ledger.delivery import Filed
from adapters.runtime.ledger.papers import Papers, Unreadable


def conclude(bound: Bound, papers: Papers, filed: Filed, *, keyed: bool) -> Any:
    """The record. `keyed` means that the client can repeat the order under its own key.

    Raises: the refusal; WithoutRecord for what is pending or ended without a record; the failure of what will not be
    delivered later; Ambiguous when its outcome is unknown and it cannot be repeated.
    """
    state = filed.entry.state
    if state is State.DELIVERED:
        record = _record(bound, papers, filed)
        if record is None:
            raise WithoutRecord(papers.filing(filed.entry))
        return record
    if state is State.REFUSED:
        raise _refusal(bound, papers, filed)
    if state is State.WITHDRAWN or (bound.provided.deferrable and state is not State.DROPPED):
        raise WithoutRecord(papers.filing(filed.entry))
    raise _failure(bound, filed, keyed=keyed)


def _record(bound: Bound, papers: Papers, filed: Filed) -> Any:
    if filed.record is not None:
        return filed.record
    try:
        return papers.record_of(bound, filed.entry)
    except Unreadable as exc:
        raise bound.blame(Ambiguous("the order was carried out, but its record cannot be read any more")) from exc


def _refusal(bound: Bound, papers: Papers, filed: Filed) -> Exception:
    if filed.error is not None:
        return filed.error
    try:
        return bound.blame(papers.refusal_of(filed.entry))
    except Unreadable as exc:
        error = bound.blame(Ambiguous("the order was refused, but the reasons cannot be read any more"))
        error.__cause__ = exc
        return error


def _failure(bound: Bound, filed: Filed, *, keyed: bool) -> Exception:
    error = filed.error
    if filed.entry.state is State.DROPPED and error is not None:
        return error
    if error is not None and not isinstance(error, AdapterError):
        return error
    repeatable = keyed and bound.provided.idempotent_by and error is not None and error.retryable
    if error is not None and (repeatable or isinstance(error, Ambiguous)):
        return error
    reason = f"{error.reason}; the outcome is unknown" if error else "the outcome is unknown"
    return bound.blame(Ambiguous(reason))
