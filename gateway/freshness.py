"""`extensions.freshness`: which parts of an answer are older than they are when all is well, since when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.contract.city import Uses


def freshness(uses: Uses) -> Mapping[str, Any]:
    """The entry, with one line for each operation of a department; none when nothing is stale.

    A line has `department`, `operation`, `asOf`, `age` in whole seconds and `reason`: `REVALIDATING`, or an error's
    code.
    """
    if not uses.stale:
        return {}
    at = datetime.now(UTC)
    return {
        "freshness": [
            {
                "department": one.department,
                "operation": one.operation,
                "asOf": one.as_of.isoformat(),
                "age": int((at - one.as_of).total_seconds()),
                "reason": one.reason,
            }
            for one in uses.stale.values()
        ]
    }
