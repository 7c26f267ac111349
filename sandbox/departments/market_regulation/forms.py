"""The electronic forms of the bureau: their fields, and everything that is wrong with an answered one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sandbox.records import Text


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "string"
    NUMBER = "integer"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. `low` and `high` bound a number or a text's length; `choices` limit a text."""

    code: str
    label: Text
    type: FieldType = FieldType.TEXT
    required: bool = True
    low: int = 1
    high: int = 200
    choices: tuple[str, ...] = ()
    pattern: str | None = None

    def schema(self, locale: str) -> dict[str, object]:
        """The field as a JSON Schema has it."""
        schema: dict[str, object] = {"title": self.label.get(locale)}
        if self.type is FieldType.NUMBER:
            return schema | {"type": "integer", "minimum": self.low, "maximum": self.high}
        if self.type is FieldType.DATE:
            return schema | {"type": "string", "format": "date"}
        schema |= {"type": "string", "minLength": self.low, "maxLength": self.high}
        if self.choices:
            schema["enum"] = list(self.choices)
        return schema | ({"pattern": self.pattern} if self.pattern else {})

    def problem(self, value: object) -> "Wrong | None":
        """What is wrong with an answer; nothing when it fits."""
        text = "" if value is None else str(value).strip()
        if not text:
            return REQUIRED if self.required else None
        if isinstance(value, dict | list):
            return INVALID
        match self.type:
            case FieldType.NUMBER:
                return self._number(text)
            case FieldType.DATE:
                return None if _is_date(text) else INVALID
            case _:
                return self._text(text)

    def _number(self, text: str) -> "Wrong | None":
        if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
            return INVALID
        return None if self.low <= int(text) <= self.high else OUT_OF_RANGE

    def _text(self, text: str) -> "Wrong | None":
        if not self.low <= len(text) <= self.high:
            return OUT_OF_RANGE
        if self.choices and text not in self.choices:
            return NOT_A_CHOICE
        return None if re.fullmatch(self.pattern or ".*", text, re.ASCII | re.DOTALL) else INVALID


@dataclass(frozen=True, slots=True)
class Wrong:
    """A kind of problem: its code and what the person reads."""

    code: str
    text: Text


REQUIRED = Wrong("REQUIRED", Text("此项必填", "This field is required"))
INVALID = Wrong("INVALID_FORMAT", Text("格式不正确", "The format is not valid"))
OUT_OF_RANGE = Wrong("OUT_OF_RANGE", Text("超出允许范围", "Outside of the allowed range"))
NOT_A_CHOICE = Wrong("NOT_A_CHOICE", Text("不在可选项中", "Not one of the choices"))
UNKNOWN_FIELD = Wrong("UNKNOWN_FIELD", Text("表单中没有此项", "The form has no such field"))


@dataclass(frozen=True, slots=True)
class Form:
    """An electronic form; without fields it takes any answer."""

    id: str
    name: Text
    version: str
    fields: tuple[Field, ...] = ()

    def listed(self, locale: str) -> dict[str, object]:
        """`EFormListItem`."""
        return {"eFormId": self.id, "name": self.name.get(locale), "version": self.version, "latest": True}

    def full(self, locale: str) -> dict[str, object]:
        """`EForm`, with its JSON Schema."""
        schema = {
            "type": "object",
            "required": [field.code for field in self.fields if field.required],
            "properties": {field.code: field.schema(locale) for field in self.fields},
        }
        return self.listed(locale) | {"schema": schema}

    def problems(self, data: Mapping[str, object]) -> Iterator[tuple[str, Wrong]]:
        """Everything that is wrong, by field code."""
        for field in self.fields:
            wrong = field.problem(data.get(field.code))
            if wrong:
                yield field.code, wrong
        for code in sorted(data.keys() - {field.code for field in self.fields} if self.fields else ()):
            yield code, UNKNOWN_FIELD


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2000-01-31") and bool(date.fromisoformat(text))
    except ValueError:
        return False
