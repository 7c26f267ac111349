"""What a person can mend about an order is data: problems with a path, a stable code and a localised message."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar

import strawberry

from adapters.contract import errors
from adapters.contract.filings import Filing, WithoutRecord, filing_of
from resolvers.common import sensitivity
from resolvers.common.errors import InvalidId
from resolvers.common.nodes import local_id

R = TypeVar("R")

_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "REQUIRED": {"en": "This is required.", "zh-CN": "此项必填。"},
    "TOO_SHORT": {"en": "At least {limit} characters are needed.", "zh-CN": "至少需要{limit}个字符。"},
    "TOO_LONG": {"en": "At most {limit} characters are allowed.", "zh-CN": "最多允许{limit}个字符。"},
    "TOO_MANY": {"en": "At most {limit} are allowed.", "zh-CN": "最多允许{limit}项。"},
    "INVALID": {"en": "This does not have the expected form.", "zh-CN": "格式不正确。"},
    "INVALID_ID": {"en": "There is nothing with this id.", "zh-CN": "没有与该编号对应的内容。"},
    "NOT_POSITIVE": {"en": "The amount must be more than zero.", "zh-CN": "金额必须大于零。"},
    "TOO_PRECISE": {"en": "At most two decimals are allowed.", "zh-CN": "最多保留两位小数。"},
    "OUT_OF_RANGE": {"en": "The value is outside what is allowed.", "zh-CN": "数值超出允许范围。"},
    "NO_OFFSET": {"en": "A time needs its offset, such as +08:00.", "zh-CN": "时间须带时区，例如 +08:00。"},
    "IN_THE_PAST": {"en": "The time is in the past.", "zh-CN": "该时间已过。"},
    "REJECTED": {"en": "The department did not accept this.", "zh-CN": "该部门未接受此请求。"},
    "NOT_FOUND": {"en": "The department does not have this.", "zh-CN": "该部门没有此项内容。"},
}


@strawberry.type(description="Something about an input that the person can mend.")
class Problem:
    """One problem; all of an input's problems come at once."""

    code: str = strawberry.field(description="A stable code, such as `REQUIRED` or `SLOT_TAKEN`.")
    message: str = strawberry.field(
        directives=sensitivity.WORDS, description="What to do, in the language of `Accept-Language`."
    )
    path: list[str] = strawberry.field(description="The input field that it is about; empty for the whole input.")


@dataclass
class Problems:
    """Gathers what is wrong with an input, in one language."""

    locale: str
    found: list[Problem] = field(default_factory=list)

    def add(self, code: str, *path: str, **values: object) -> None:
        """Note a problem; `values` fill its message."""
        message = _MESSAGES[code].get(self.locale, _MESSAGES[code]["en"]).format(**values)
        self.found.append(Problem(code=code, message=message, path=list(path)))

    def text(self, value: str | None, *path: str, least: int = 1, most: int) -> str:
        """The text without surrounding space, with problems noted when it is missing, too short or too long."""
        text = (value or "").strip()
        if not text:
            self.add("REQUIRED", *path)
        elif len(text) < least:
            self.add("TOO_SHORT", *path, limit=least)
        elif len(text) > most:
            self.add("TOO_LONG", *path, limit=most)
        return text

    def optional_text(self, value: str | None, *path: str, most: int) -> str | None:
        """The text, or None when there is none or only space; a problem is noted when it is too long."""
        return self.text(value, *path, most=most) if value and value.strip() else None

    def local_id(self, kind: str, value: str, *path: str) -> str:
        """The local id behind a global one of a GraphQL type; a problem is noted for any other."""
        try:
            return local_id(kind, value)
        except InvalidId:
            self.add("INVALID_ID", *path)
            return ""

    def future(self, value: datetime, *path: str) -> datetime:
        """The time; a problem is noted when it has no offset or is past."""
        if value.tzinfo is None:
            self.add("NO_OFFSET", *path)
        elif value < datetime.now(UTC):
            self.add("IN_THE_PAST", *path)
        return value


class Attempted(NamedTuple, Generic[R]):
    """What came of an order: its record, where there is one already, and how the ledger has it."""

    record: R | None = None
    filing: Filing | None = None


async def attempt(order: Awaitable[R], problems: Problems) -> Attempted[R]:
    """What came of an order; problems are noted when the department says what to mend.

    Raises: AdapterError for everything that a person cannot mend.
    """
    record = None
    try:
        record = await order
    except WithoutRecord as exc:
        return Attempted(None, exc.filing)
    except errors.Rejected as exc:
        problems.found.extend(_from_department(exc.problems))
        if not exc.problems:
            problems.add("REJECTED")
    except errors.NotFound:
        problems.add("NOT_FOUND")
    return Attempted(record, filing_of(order))


def _from_department(problems: Iterable[errors.Problem]) -> Iterable[Problem]:
    for problem in problems:
        path = [_camel(step) for step in problem.path]
        yield Problem(code=problem.code, message=problem.message, path=path)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
