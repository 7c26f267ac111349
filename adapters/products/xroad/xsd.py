"""XML Schema's dates and times, with and without a zone."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.errors import BadReply
from adapters.contract.records import PartialDate, Precision

_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_DATE_TIME = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{{1,9}})?{_ZONE}", re.ASCII)
_DATE = re.compile(rf"(\d{{4}}(-\d\d)?(-\d\d)?){_ZONE}", re.ASCII)
_PRECISIONS = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}


def moment(text: str, where: str, zone: ZoneInfo) -> datetime:
    """An `xs:dateTime`; one without a zone is local time in `zone`. Raises: BadReply naming `where`."""
    if not _DATE_TIME.fullmatch(text):
        raise BadReply(f"{where} is not an xs:dateTime")
    try:
        read = datetime.fromisoformat(text)
    except ValueError as exc:
        raise BadReply(f"{where} is not a moment of the calendar") from exc
    return read if read.tzinfo else read.replace(tzinfo=zone)


def partial_date(text: str, where: str) -> PartialDate:
    """An `xs:date`, `xs:gYearMonth` or `xs:gYear`; a zone says nothing about a day of birth. Raises: BadReply."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise BadReply(f"{where} is not an xs:date, xs:gYearMonth or xs:gYear")
    try:
        return PartialDate(value=match[1], precision=_PRECISIONS[len(match[1])])
    except ValueError as exc:
        raise BadReply(f"{where} is not a day of the calendar") from exc
