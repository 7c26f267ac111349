"""Entries of a ledger, for what is asked of an engine."""

from __future__ import annotations

from typing import Any

from adapters.runtime.ledger.contract import Entry, State

NOW = 1_800_000_000.0


def entry(reference: str = "CG-1", **more: Any) -> Entry:
    facts: dict[str, Any] = {
        "reference": reference,
        "key": f"key of {reference}",
        "owner": "ann",
        "fingerprint": "f",
        "department": "archive",
        "operation": "notes.file",
        "state": State.SENDING,
        "attempts": 0,
        "created": NOW,
        "updated": NOW,
        "due": NOW + 10,
        "holder": "one",
        "order": b"\x00\xffsealed",
    }
    return Entry(**facts | more)


def waiting(reference: str, due: float, **more: Any) -> Entry:
    return entry(reference, state=State.READY, due=due, holder=None, **more)
