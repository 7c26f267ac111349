"""Reads the one fact of a process's calendar entry (RFC 5545) that the API gives nowhere else: when it ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from adapters.contract.errors import BadReply

_FOLD = re.compile(r"\r?\n[ \t]")
_END = re.compile(r"^DTEND(?:;TZID=([^:;\r\n]+))?:(\d{8}T\d{6})(Z?)\r?$", re.MULTILINE)


def event_end(content: str) -> datetime | None:
    """The end of the only event, with its zone; None when the entry states none.

    The rest of the entry is not for us: its description holds a link with the bearer secret.
    Raises: BadReply for a zone or a time that does not exist, and for a time without a zone.
    """
    found = _END.search(_FOLD.sub("", content))
    if found is None:
        return None
    zone, moment, utc = found.groups()
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%S").replace(tzinfo=UTC if utc else ZoneInfo(zone or ""))
    except (ValueError, KeyError, OSError) as exc:
        raise BadReply("the calendar entry's DTEND has no usable time and zone") from exc
