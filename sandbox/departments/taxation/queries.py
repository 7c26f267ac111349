"""Reads what the API takes: dates, a status, the body of a payment; finds everything that is wrong at once."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.departments.taxation.failures import INVALID_REQUEST, Refused, Wrong
from sandbox.departments.taxation.ledger import Order, today
from sandbox.records import Text

CURRENCY = "CNY"
HIGHEST_AMOUNT = Decimal("99999999999.99")
LONGEST_REFERENCE = 64
EARLIEST = date(2016, 4, 6)
"""The first day of `from`: the contract says 2017-12-01, and its own test scenarios are of 2017."""
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FROM = Text("起始日期无效", "The provided from date is invalid")
_TO = Text("截止日期无效", "The provided to date is invalid")
STATUS_INVALID = Wrong("INVALID_STATUS", Text("状态无效", "The provided data is failed validation, invalid status"))
_WRONG_AMOUNT = Text(
    "金额应为两位小数的正数，且不超过 99,999,999,999.99",
    "amount should be a monetary value (to 2 decimal places), between 0.01 and 99,999,999,999.99",
)
AMOUNT_INVALID = Wrong("INVALID_MONETARY_AMOUNT", _WRONG_AMOUNT, "/amount")
CURRENCY_INVALID = Wrong("INVALID_CURRENCY", Text("账户币种为 CNY", "The account is in CNY"), "/currency")
REFERENCE_INVALID = Wrong(
    "INVALID_REFERENCE", Text("编号应为 1–64 个字符", "The reference has 1 to 64 characters"), "/reference"
)


@dataclass(frozen=True, slots=True)
class Dates:
    """A range of dates with both its ends."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        """Whether a day is in the range."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Words:
    """How an operation names its faults, and the longest range that it takes: they differ between operations."""

    wrong_from: str
    wrong_to: str
    wrong_range: str
    most_days: int


OF_OBLIGATIONS = Words("INVALID_DATE_FROM", "INVALID_DATE_TO", "INVALID_DATE_RANGE", 366)
OF_MONEY = Words("DATE_FROM_INVALID", "DATE_TO_INVALID", "DATE_RANGE_INVALID", 365)


def read_dates(query: Mapping[str, str], words: Words) -> Dates:
    """`from` and `to`. Raises: Refused with everything that is wrong."""
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    found = []
    if first is None or first < EARLIEST:
        found.append(Wrong(words.wrong_from, _FROM))
    if last is None or last > today():
        found.append(Wrong(words.wrong_to, _TO))
    if found:
        raise Refused(400, *found)
    assert first is not None
    assert last is not None
    if not 0 <= (last - first).days <= words.most_days:
        days = words.most_days
        text = Text(f"日期范围无效，不得超过 {days} 天", f"Invalid date range, must be {days} days or less")
        raise Refused(400, Wrong(words.wrong_range, text))
    return Dates(first, last)


def read_status(query: Mapping[str, str]) -> str | None:
    """`status`: O, F, or None for all. Raises: Refused."""
    status = query.get("status")
    if status not in (None, "O", "F"):
        raise Refused(400, STATUS_INVALID)
    return status


def read_order(vrn: str, body: bytes) -> Order:
    """The body of `POST …/payments`. Raises: Refused with everything that is wrong."""
    fields = _object(body)
    found = list(_faults(fields))
    if found:
        raise Refused(400, *found)
    return Order(vrn, int(Decimal(fields["amount"]) * 100), fields.get("reference"))


def _faults(fields: Mapping[str, Any]) -> Iterator[Wrong]:
    if not _is_monetary(fields.get("amount")):
        yield AMOUNT_INVALID
    if fields.get("currency") != CURRENCY:
        yield CURRENCY_INVALID
    reference = fields.get("reference")
    if reference is not None and not (isinstance(reference, str) and 1 <= len(reference) <= LONGEST_REFERENCE):
        yield REFERENCE_INVALID


def _is_monetary(amount: object) -> bool:
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        return False
    value = Decimal(amount)
    return 0 < value <= HIGHEST_AMOUNT and value == value.quantize(Decimal("0.01"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError):  # an exponent may be beyond any number
        raise Refused(400, INVALID_REQUEST) from None
    if not isinstance(fields, dict):
        raise Refused(400, INVALID_REQUEST)
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
