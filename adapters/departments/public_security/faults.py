"""What the bureau's non-technical faults mean."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from adapters.contract.errors import AdapterError, BadReply, Maintenance, Problem, QuotaExceeded, Rejected, Unavailable
from adapters.contract.transport import current_call
from adapters.products.xroad.soap import Fault
from adapters.products.xroad.xsd import moment

PATHS: dict[str, tuple[str, ...]] = {
    "NO_HOUSEHOLD": ("person",),
    "PERSON_UNKNOWN": ("person",),
    "PERSON_DECEASED": ("person",),
    "PURPOSE_MISSING": ("purpose",),
    "PURPOSE_TOO_LONG": ("purpose",),
    "PURPOSE_NOT_ALLOWED": ("purpose",),
    "EXTRACT_TYPE_UNKNOWN": ("kind",),
}


def to_error(faults: tuple[Fault, ...], *, zone: ZoneInfo) -> AdapterError:
    """The error for the faults of one answer, which are never none.

    What a person can mend comes with all its problems; a code that the bureau's list does not have is a BadReply.
    """
    first = faults[0]
    match first.code:
        case "REGISTER_UNAVAILABLE":
            return Unavailable("the register is not available", wire_code=first.code)
        case "MAINTENANCE":
            return _maintenance(first, zone)
        case "QUOTA_EXCEEDED":
            wait = float(first.retry_after) if first.retry_after and first.retry_after.isdecimal() else None
            return QuotaExceeded("the bureau's limit of calls is used up", wire_code=first.code, retry_after=wait)
    if any(fault.code not in PATHS for fault in faults):
        return BadReply("the bureau's fault has a code that its list does not have")
    problems = tuple(Problem(fault.code, fault.text, PATHS[fault.code]) for fault in faults)
    return Rejected("the bureau refuses the request", problems=problems, wire_code=first.code)


def _maintenance(fault: Fault, zone: ZoneInfo) -> Maintenance:
    until: datetime | None = None
    wait: float | None = None
    if fault.until is not None:
        until = moment(fault.until, "fault/until", zone).astimezone(UTC)
        wait = max(0.0, (until - current_call().at).total_seconds())
    return Maintenance("the register is closed for maintenance", wire_code=fault.code, retry_after=wait, until=until)
