"""Tax periods as the bureau counts them: months and quarters, their keys and due dates."""

from datetime import date, timedelta

DAYS_TO_DUE = 7
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def month_start(year: int, month: int) -> date:
    """The first day of a month; months before January or after December belong to other years."""
    years, index = divmod(month - 1, 12)
    return date(year + years, index + 1, 1)


def period(year: int, month: int, months: int = 1) -> tuple[date, date, date]:
    """First and last day of a period of `months`, and the day its return is due: a month and seven days later."""
    start, after = month_start(year, month), month_start(year, month + months)
    due = month_start(year, month + months + 1) - timedelta(days=1) + timedelta(days=DAYS_TO_DUE)
    return start, after - timedelta(days=1), due


def month_key(start: date, kind: str) -> str:
    """The four characters of a month's key: the year, a letter for the kind of tax, a letter for the month."""
    return f"{start.year % 100:02}{kind}{_LETTERS[start.month - 1]}"
