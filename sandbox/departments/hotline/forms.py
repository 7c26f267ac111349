"""Reads the forms and query parameters that the hotline takes, and says what does not fit in them."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from sandbox.departments.hotline.answers import Fault
from sandbox.records import Text

MOST_FIELDS = 200
_SHORT = re.compile(r"[\w.:-]{1,64}")
_ACCOUNT = re.compile(r"\d{9}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def read_form(body: bytes) -> dict[str, str] | None:
    """A form's fields, of a repeated one the first; None for what is no form in UTF-8."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return dict(reversed(pairs))


def is_account(value: str) -> bool:
    """Nine digits: a person's id."""
    return bool(_ACCOUNT.fullmatch(value)) and value.isascii()


def is_short(value: str) -> bool:
    """An identifier of at most 64 letters, digits and `.:_-`."""
    return bool(_SHORT.fullmatch(value))


def moment(value: str) -> datetime | None:
    """A W3C date and time with its zone; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def fault(field: str, what: str, text: Text) -> Fault:
    """What is wrong with a field: its code is `field.what`."""
    return Fault(f"{field}.{what}", text)


def text_faults(
    form: Mapping[str, str], field: str, *, name: Text, most: int, required: bool = False
) -> Iterator[Fault]:
    """What is wrong with a text: missing, longer than `most` characters, or with control characters."""
    value = form.get(field, "")
    if required and not value.strip():
        yield fault(field, "missing", Text(f"请填写{name.zh}", f"Please give the {name.en}"))
    elif len(value) > most:
        yield fault(
            field, "too_long", Text(f"{name.zh}不得超过{most}字", f"The {name.en} has at most {most} characters")
        )
    elif _CONTROL.search(value):
        yield fault(field, "invalid", Text(f"{name.zh}含有不可用字符", f"The {name.en} has control characters"))
