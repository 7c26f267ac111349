"""Strict JSON: what is refused, and that everything else is read as json.loads reads it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graphql import strict_json
from gateway.graphql.strict_json import MAX_DEPTH, MalformedJSON, decode

REFUSED = {
    "empty": b"",
    "only white space": b" \n",
    "truncated": b'{"a": ',
    "trailing comma": b'{"a": 1,}',
    "two values": b"{} {}",
    "single quotes": b"{'a': 1}",
    "comment": b"{} // comment",
    "control character": b'"\x00"',
    "byte order mark": b"\xef\xbb\xbf{}",
    "invalid UTF-8": b'{"a": "\xff"}',
    "overlong UTF-8": b'"\xc0\x80"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "lone high surrogate": rb'"\ud800"',
    "lone low surrogate": rb'{"\udc00": 1}',
    "swapped surrogates": rb'"\ude00\ud83d"',
    "NaN": b'{"a": NaN}',
    "Infinity": b"[Infinity]",
    "negative Infinity": b"[-Infinity]",
    "number beyond a double": b"1e999",
    "integer beyond the digit limit": b"9" * 4301,
    "integer beyond any limit": b"-" + b"9" * 100_000,
    "leading zero": b"01",
    "repeated member": b'{"a": 1, "a": 1}',
    "repeated inner member": b'[{"b": {"a": 1, "\\u0061": 2}}]',
    "too many arrays": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "too many objects": b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "depth beyond the stack": b"[" * 100_000 + b"]" * 100_000,
    "unclosed depth": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_strict_is_refused(text: bytes):
    with pytest.raises(MalformedJSON) as caught:
        decode(text)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"18446744073709551616", 2**64),
        (b"9" * 4300, int("9" * 4300)),
        (b"1e-999", 0.0),
        (rb'"\ud83d\ude00"', "😀"),
        (b'{"a": {"a": 1}, "b": {"a": 1}}', {"a": {"a": 1}, "b": {"a": 1}}),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, ...),
        (b"[" + b"{}," * 500 + b"{}]", [{}] * 501),
    ],
)
def test_what_is_unusual_but_strict_is_read(text: bytes, value: Any):
    assert decode(text) == (value if value is not ... else json.loads(text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(value=VALUES, ascii_only=st.booleans())
@settings(max_examples=100, deadline=None)
def test_what_json_writes_is_read_back(value: Any, ascii_only: bool):
    assert decode(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


DEAR = {
    "floats": b"[" + b"1.7976931348623157e308," * 5000 + b"1]",
    "objects": b"[" + b"{}," * 5000 + b"{}]",
    "lists in lists": b"[" + b"[[]]," * 2000 + b"1]",
    "members": b"{" + b",".join(b'"%d":1' % n for n in range(5000)) + b"}",
}


@pytest.mark.parametrize("text", DEAR.values(), ids=DEAR.keys())
def test_many_values_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch, text: bytes):
    monkeypatch.setattr(strict_json, "_UNIQUE_MEMBERS", None)
    with pytest.raises(MalformedJSON, match="more than 2000 values"):
        decode(text)
    monkeypatch.undo()
    assert decode(text, max_values=len(text))
