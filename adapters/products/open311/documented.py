"""Whether entries that fit as they stand are also written as the documentation has it.

Then no id has blanks around it, and no text is blank altogether: it would stand for what is absent.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.products.open311.wire import ServiceRequest, Update

_ABSENT = "-"


def are_documented_requests(requests: Sequence[ServiceRequest]) -> bool:
    """Entries of `GET requests`. One expression: it is asked of each of a hundred."""
    for one in requests:
        if (
            one.service_code != one.service_code.strip()
            or one.status.isspace()
            or (one.service_request_id or _ABSENT) != (one.service_request_id or _ABSENT).strip()
            or (one.token or _ABSENT) != (one.token or _ABSENT).strip()
            or (one.account_id or _ABSENT) != (one.account_id or _ABSENT).strip()
            or (one.service_name or _ABSENT).isspace()
            or (one.status_notes or _ABSENT).isspace()
            or (one.description or _ABSENT).isspace()
            or (one.agency_responsible or _ABSENT).isspace()
            or (one.address or _ABSENT).isspace()
            or (one.media_url or _ABSENT).isspace()
        ):
            return False
    return True


def are_documented_updates(updates: Sequence[Update]) -> bool:
    """Entries of `GET servicerequestupdates`."""
    for one in updates:
        if (
            one.update_id != one.update_id.strip()
            or one.service_request_id != one.service_request_id.strip()
            or one.status.isspace()
            or (one.description or _ABSENT).isspace()
        ):
            return False
    return True
