"""What the platform's test environment answers to `Gov-Test-Scenario`, whoever is asked about."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sandbox.departments.taxation.accounts import Account, Liability, Obligation, Payment
from sandbox.departments.taxation.failures import (
    DUPLICATE,
    INSOLVENT,
    INVALID_REQUEST,
    NOT_AUTHORISED,
    NOT_ENDED,
    NOT_FOUND,
    VRN_INVALID,
    Refused,
)
from sandbox.departments.taxation.periods import period
from sandbox.records import Text

HEADER = "gov-test-scenario"
Refusals = dict[str, Callable[[], Refused]]
REFUSALS: Refusals = {
    "NOT_FOUND": lambda: Refused(404, NOT_FOUND),
    "INSOLVENT_TRADER": lambda: Refused(403, INSOLVENT),
    "CLIENT_OR_AGENT_NOT_AUTHORISED": lambda: Refused(403, NOT_AUTHORISED),
}
ORDER_REFUSALS: Refusals = REFUSALS | {
    "INVALID_VRN": lambda: Refused(400, VRN_INVALID),
    "INVALID_PAYLOAD": lambda: Refused(400, INVALID_REQUEST),
    "DUPLICATE_SUBMISSION": lambda: Refused(403, DUPLICATE),
    "TAX_PERIOD_NOT_ENDED": lambda: Refused(403, NOT_ENDED),
}
_MET = {"NONE": 0, "ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4}
_YEAR_OF_KEYS = 18
_VAT = Text("增值税申报税款", "VAT Return Debit Charge")
_HISTORY = re.compile("(MONTHLY|QUARTERLY)_(NONE|ONE|TWO|THREE|FOUR)_MET")
_OPEN = re.compile("(MONTHLY|QUARTERLY)_OBS_([0-9]{2})_(OPEN|FULFILLED)")
_SEVERAL = re.compile("MULTIPLE_OPEN_(MONTHLY|QUARTERLY)")
_MONEY = re.compile("(SINGLE|MULTIPLE)_(LIABILIT(?:Y|IES)|PAYMENTS?)(_2018_19)?")


def refuse(scenario: str, refusals: Refusals = REFUSALS) -> None:
    """Raises: Refused when the scenario is a refusal."""
    if scenario in refusals:
        raise refusals[scenario]()


def account_of(scenario: str) -> Account | None:
    """The account that a scenario stands for; None for one that is unknown, which is the default scenario."""
    refuse(scenario)
    if obligations := list(_obligations(scenario)):
        return Account(obligations=obligations)
    money = _MONEY.fullmatch(scenario)
    if money is None:
        return None
    year = 2018 if money[3] else 2017
    count = 1 if money[1] == "SINGLE" else 2
    return _debts(year, count) if money[2].startswith("LIABILIT") else _receipts(year, count)


def _obligations(scenario: str) -> Iterator[Obligation]:
    if met := _HISTORY.fullmatch(scenario):
        yield from _year(2017, _months(met[1]), fulfilled=_MET[met[2]], left_open=1)
    elif left := _OPEN.fullmatch(scenario):
        number = int(left[2])
        is_open = left[3] == "OPEN"
        yield from _year(2018, _months(left[1]), fulfilled=number - is_open, left_open=int(is_open))
    elif several := _SEVERAL.fullmatch(scenario):
        yield from _year(2018, _months(several[1]), fulfilled=1, left_open=2)
    elif scenario == "OBS_SPANS_MULTIPLE_YEARS":
        yield Obligation("18A4", *period(2018, 11, 3))


def _months(frequency: str) -> int:
    return 1 if frequency == "MONTHLY" else 3


def _year(year: int, months: int, *, fulfilled: int, left_open: int) -> Iterator[Obligation]:
    """A year's periods from its first one on, as many as the year has; the later ones are open."""
    letters = "1234" if months == 3 else "DEFGHIJKLMNO"
    for index, letter in enumerate(letters[: fulfilled + left_open]):
        start, end, due = period(year, 1 + index * months, months)
        received = due - timedelta(days=1) if index < fulfilled else None
        yield Obligation(f"{_YEAR_OF_KEYS}A{letter}", start, end, due, received)


def _debts(year: int, count: int) -> Account:
    amounts = (46_387_200, 15_000_000)
    return Account(
        liabilities=[
            Liability(_VAT, *period(year, 1 if count == 1 else 4 + 2 * index), amount, amount)
            for index, amount in enumerate(amounts[:count])
        ]
    )


def _receipts(year: int, count: int) -> Account:
    days = (date(year, 2, 1),) if count == 1 else (date(year, 2, 27), date(year, 8, 1))
    return Account(payments=[Payment(50_000 * (index + 1), received=day) for index, day in enumerate(days)])
