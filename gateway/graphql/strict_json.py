"""JSON (RFC 8259) that every reader understands alike: what is ambiguous or unbounded is refused."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

MAX_DEPTH = 64
MAX_VALUES = 2000


class MalformedJSON(ValueError):
    """The text is not strict JSON; the message says why without quoting it."""


def decode(text: bytes, *, max_values: int = MAX_VALUES) -> Any:
    """Decode UTF-8 JSON; raise MalformedJSON for anything else.

    Refused too: byte order marks, lone surrogates, NaN and infinities, numbers that overflow a double
    or the interpreter's digit limit, members of the same name, nesting deeper than MAX_DEPTH, and more
    than about `max_values` values: commas and opening brackets are counted, in strings too.
    """
    if text.count(b",") + text.count(b"[") + text.count(b"{") > max_values:
        raise MalformedJSON(f"more than {max_values} values")
    try:
        value = msgspec.json.decode(text)
        # msgspec keeps the last of two members of one name; another reader may keep the first.
        _UNIQUE_MEMBERS.decode(text.decode())
    except RecursionError:
        raise MalformedJSON(_TOO_DEEP) from None
    except UnicodeDecodeError as error:
        raise MalformedJSON(f"invalid UTF-8 (byte {error.start})") from None
    except msgspec.DecodeError as error:
        raise MalformedJSON(str(error)) from None
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH:
        _refuse_deep(value)
    return value


_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
        if not level:
            return
    raise MalformedJSON(_TOO_DEEP)


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) != len(members):
        raise MalformedJSON("an object has two members of the same name")
    return unique


# Numbers are not converted a second time: those with many digits are dear.
_UNIQUE_MEMBERS = json.JSONDecoder(object_pairs_hook=_unique, parse_float=len, parse_int=len)
