"""Reads a GeoReport body, JSON or XML, into the same typed structs."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import msgspec

from adapters.contract.errors import BadReply
from adapters.products.open311.xml import read_xml
from adapters.products.replies import decode, into_name

T = TypeVar("T")
_NUMBERS = frozenset({"lat", "long"})
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,20})?", re.ASCII)
_FLAGS = {"metadata", "variable", "required"}
_FLAG = {"true": True, "false": False}
_IDENTIFIERS = frozenset({"service_request_id", "service_code", "update_id", "account_id", "token", "code", "key"})


class Format(Enum):
    """The ending of a resource's address, which chooses the format of its answer."""

    JSON = "json"
    XML = "xml"

    @property
    def media_type(self) -> str:
        """As `Accept` has it."""
        return "application/json" if self is Format.JSON else "text/xml"


def read(body: bytes, written: Format, root: str) -> Any:
    """A body as plain data, in which both formats look the same.

    `root` is the XML document's element. Servers differ in how they write ids (also as numbers), numbers and flags
    (also as strings) and in what is absent (also as an empty string); all become the documented form here.

    Raises: BadReply.
    """
    data = decode(body, object) if written is Format.JSON else read_xml(body, root)
    try:
        return _plain("", data)
    except RecursionError as exc:
        raise BadReply("the reply is nested too deeply") from exc


def read_documented(body: bytes, written: Format, into: type[T], is_documented: Callable[[T], bool]) -> T | None:
    """What `read` and `fit` would make of a body that is written as the documentation has it, in one step.

    None for any other body, good or bad: XML, what does not fit as it stands, and what `is_documented` is false of,
    because it would have become something else on its way through plain data.
    """
    if written is not Format.JSON:
        return None
    try:
        found: T = _decoder(into).decode(body)  # type: ignore[arg-type]  # a type is hashable
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if is_documented(found) else None


@cache
def _decoder(into: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(into)


def fit(data: Any, into: type[T]) -> T:
    """Plain data as `into`, strictly. Raises: BadReply with the path of what does not fit, never its value."""
    try:
        return msgspec.convert(data, into)
    except msgspec.ValidationError as exc:
        raise BadReply(f"the reply does not fit {into_name(into)}: {exc}") from exc


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(key, child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(name, child) for child in value]
    if isinstance(value, str):
        return _from_text(name, value)
    if name in _IDENTIFIERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _from_text(name: str, text: str) -> Any:
    stripped = text.strip()
    if not stripped:
        return None
    if name in _NUMBERS and _NUMBER.fullmatch(stripped):
        return float(stripped)
    if name in _FLAGS:
        return _FLAG.get(stripped, text)
    return stripped if name in _IDENTIFIERS else text
