"""Reads requests as the citizen API does, and refuses them with its own errors, all at once where it does so."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from sandbox.departments.service_centre.book import Client
from sandbox.departments.service_centre.failures import Refused
from sandbox.departments.service_centre.offer import Office

MAX_DAYS = 365
MAX_COUNT = 25
_PHONE = re.compile(r"\+?[0-9]\d{6,14}")
_EMAIL = re.compile(r"(?!.*\.\.)(?!\.)(?!.*\.$)[^\s@+]+(?<!\.)@(?!\.)[^\s@+]+\.[^\s@]{2,}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_KEY = re.compile(r"[0-9a-fA-F]{4}|[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class CalendarQuery:
    """What `/available-calendar/` is asked; the slots' window lies within first and last day."""

    offices: tuple[int, ...]
    counts: Mapping[int, int]
    first: date
    last: date
    window: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Reservation:
    """What `/reserve-appointment/` is asked."""

    office: int
    counts: Mapping[int, int]
    start: int


def calendar_query(params: QueryParams) -> CalendarQuery:
    """Raises: Refused with everything that is wrong."""
    offices, services, counts = (_list(params.get(name, "")) for name in ("officeIds", "serviceIds", "serviceCounts"))
    first, last = _date(params.get("startDate")), _date(params.get("endDate"))
    window = [_date(params.get(name)) for name in ("slotsStartDate", "slotsEndDate")]
    wrong = [
        *_wrong_ids(offices, services),
        *["invalidStartDate"] * (first is None),
        *["invalidEndDate"] * (last is None),
        *_wrong_range(first, last),
        *["invalidServiceCount"] * (not _are_counts(counts)),
    ]
    if wrong or first is None or last is None:
        raise Refused(*wrong)
    return CalendarQuery(
        tuple(int(office) for office in offices),
        _counted(services, counts),
        first,
        last,
        (window[0] or first, window[1] or last),
    )


def reservation(body: Mapping[str, Any], now: float) -> Reservation:
    """Raises: Refused with everything that is wrong."""
    office, start = str(body.get("officeId", "")), str(body.get("timestamp", ""))
    services, counts = _strings(body.get("serviceId")), _strings(body.get("serviceCount", [1]))
    future = bool(re.fullmatch(r"[0-9]{1,12}", start)) and int(start) > now
    wrong = [
        *_wrong_ids([office], services),
        *["invalidTimestamp"] * (not future),
        *["invalidServiceCount"] * (not _are_counts(counts)),
    ]
    if wrong:
        raise Refused(*wrong)
    return Reservation(int(office), _counted(services, counts), int(start))


def process_key(body: Mapping[str, Any]) -> tuple[int, str]:
    """`processId` and `authKey`. Raises: Refused with everything that is wrong."""
    number, key = str(body.get("processId", "")), body.get("authKey")
    valid_number = bool(_NUMBER.fullmatch(number)) and int(number) >= 1
    valid_key = isinstance(key, str) and bool(_KEY.fullmatch(key.strip()))
    wrong = [*["invalidProcessId"] * (not valid_number), *["invalidAuthKey"] * (not valid_key)]
    if wrong:
        raise Refused(*wrong)
    return int(number), str(key).strip()


def client(body: Mapping[str, Any], office: Office) -> Client:
    """Contact data as the office wants them. Raises: Refused with everything that is wrong."""
    name, email, phone = (_text(body.get(field)) for field in ("familyName", "email", "telephone"))
    wrong = [
        *["invalidFamilyName"] * (not (name or "").strip()),
        *["invalidEmail"] * (office.email_required and not _EMAIL.fullmatch(email or "")),
        *["invalidTelephone"] * bool(phone and not _PHONE.fullmatch(phone)),
    ]
    if wrong:
        raise Refused(*wrong)
    return Client(name, email, phone)


async def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object of a POST. Raises: Refused."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused("invalidRequest") from None
    if not isinstance(body, dict):
        raise Refused("invalidRequest")
    return body


def _wrong_ids(offices: Sequence[str], services: Sequence[str]) -> list[str]:
    return [
        *["invalidOfficeId"] * (not _are_numbers(offices)),
        *["invalidServiceId"] * (not _are_numbers(services)),
    ]


def _wrong_range(first: date | None, last: date | None) -> list[str]:
    """Two codes that the API's own table lacks, so that it answers `unknownError`."""
    if first is None or last is None:
        return []
    return [
        *["startDateAfterEndDate"] * (first > last),
        *["dateRangeTooLarge"] * (abs((last - first).days) > MAX_DAYS),
    ]


def _counted(services: Sequence[str], counts: Sequence[str]) -> dict[int, int]:
    if len(services) != len(counts):
        raise Refused("MISMATCHED_ARRAYS")
    return {int(service): int(count) for service, count in zip(services, counts, strict=True)}


def _are_numbers(words: Sequence[str]) -> bool:
    return bool(words) and all(_NUMBER.fullmatch(word) and int(word) > 0 for word in words)


def _are_counts(words: Sequence[str]) -> bool:
    return _are_numbers(words) and all(int(word) <= MAX_COUNT for word in words)


def _list(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _date(text: str | None) -> date | None:
    try:
        day = datetime.strptime(text or "", "%Y-%m-%d").date()
    except ValueError:
        return None
    return day if day.isoformat() == text else None
