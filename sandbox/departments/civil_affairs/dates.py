"""The register's typed dates: as they are kept (`yyyymmdd`, zeros for what nobody knows) and as they are answered."""

import re
from datetime import date

from sandbox.records import PartialDate

_KEPT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def read_date(text: str) -> PartialDate:
    """A kept date: `19850312`, `19850300`, `19850000` or `00000000`. Raises: ValueError for any other."""
    parts = _KEPT.fullmatch(text)
    if not parts:
        raise ValueError("not eight digits")
    year, month, day = (int(part) or None for part in parts.groups())
    if (month and not year) or (day and not month) or (month and month > 12):
        raise ValueError("not a date of the calendar")
    if year and month and day:
        date(year, month, day)
    return PartialDate(year, month, day)


def typed(known: PartialDate | date, locale: str) -> dict[str, object]:
    """The answer's form: `type`, what is known, and `langFormaat` in words."""
    return {**_parts(known), "langFormaat": in_words(known, locale)}


def _parts(known: PartialDate | date) -> dict[str, object]:
    match known:
        case date():
            return {"type": "Datum", "datum": known.isoformat()}
        case PartialDate(year=None):
            return {"type": "DatumOnbekend", "onbekend": True}
        case PartialDate(month=None):
            return {"type": "JaarDatum", "jaar": known.year}
        case PartialDate(day=None):
            return {"type": "JaarMaandDatum", "jaar": known.year, "maand": known.month}
    return {"type": "Datum", "datum": known.text}


def in_words(known: PartialDate | date, locale: str) -> str:
    """`8 March 2020`, `2020年3月8日`, as far as it is known."""
    chinese = locale.lower().startswith("zh")
    if known.year is None:
        return "不详" if chinese else "unknown"
    if chinese:
        parts = ((known.year, "年"), (known.month, "月"), (known.day, "日"))
        return "".join(f"{part}{unit}" for part, unit in parts if part)
    month = _MONTHS[known.month - 1] if known.month else None
    return " ".join(str(part) for part in (known.day, month, known.year) if part)


def age(born: PartialDate, today: date) -> int | None:
    """In whole years; None when the known part of the birth date does not tell it."""
    if born.year is None or born.month is None or (born.day is None and born.month == today.month):
        return None
    not_yet = (today.month, today.day) < (born.month, born.day or 1)
    return today.year - born.year - not_yet
