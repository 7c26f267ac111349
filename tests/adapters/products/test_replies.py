"""What becomes of a reply's status, of its body, and of when to come again."""

from __future__ import annotations

import traceback
from enum import Enum
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import AdapterError, BadReply, Unavailable
from adapters.contract.transport import Reply
from adapters.products.replies import ERRORS, LONGEST_WAIT, decode, require, retry_after


class Colour(Enum):
    RED = "red"


class One(msgspec.Struct, tag="one"):
    size: int


class Two(msgspec.Struct, tag="two"):
    size: int


class Body(msgspec.Struct):
    colour: Colour = Colour.RED
    kind: Literal["a"] = "a"
    part: One | Two | None = None
    number: Annotated[str, msgspec.Meta(pattern=r"^\d$")] = "1"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"colour": "Chen Jing"}', "$.colour"),
        (b'{"colour": "Chen Jing - at `$.x`"}', "$.colour"),
        (b'{"kind": "Chen Jing"}', "$.kind"),
        (b'{"part": {"type": "Chen Jing"}}', "$.part.type"),
        (b'{"part": {"type": "one", "size": "Chen Jing"}}', "$.part.size"),
        (b'{"number": "Chen Jing"}', "$.number"),
    ],
)
def test_an_error_names_the_path_and_never_the_value(body: bytes, path: str) -> None:
    with pytest.raises(BadReply) as caught:
        decode(body, Body)
    assert f"`{path}`" in caught.value.reason
    shown = "".join(traceback.format_exception(caught.value))
    assert "Chen Jing" not in shown


def test_the_words_about_a_type_stay() -> None:
    with pytest.raises(BadReply, match=r"Expected `int`, got `str` - at `\$\.part\.size`"):
        decode(b'{"part": {"type": "one", "size": "1"}}', Body)


def answered(status: int, /, **headers: str) -> Reply:
    return Reply(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=b"x")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": " 7 "}, 7),
        ({"ratelimit_reset": "30"}, 30),
        ({"retry_after": "7", "ratelimit_reset": "30"}, 7),
        ({"retry_after": "Mon, 02 Mar 1998 08:00:00 GMT"}, 0),
        ({"retry_after": "Mon, 02 Mar 9998 08:00:00 GMT"}, LONGEST_WAIT),
        ({"retry_after": "9" * 400}, LONGEST_WAIT),
        ({"retry_after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"retry_after": "Mon, 02 Mar 2026 08:00:00 -0000"}, None),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "1.5"}, None),
        ({"retry_after": "soon"}, None),
        ({}, None),
    ],
)
def test_when_to_come_again(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(answered(503, **headers)) == seconds


dates = st.from_regex(r"[A-Z][a-z]{2}, \d{1,25} [A-Z][a-z]{2} -?\d{1,25} [\d:]{0,12} ?\S*")


@given(st.one_of(st.text(max_size=20), dates))
def test_whatever_stands_there_is_a_time_or_none(value: str) -> None:
    found = retry_after(answered(503, retry_after=value))
    assert found is None or 0 <= found <= LONGEST_WAIT


def test_every_status_but_the_accepted_is_an_error() -> None:
    assert require(answered(201), (200, 201)).body == b"x"
    for status in set(range(100, 600)) - {200}:
        with pytest.raises(AdapterError) as caught:
            require(answered(status, retry_after="7"))
        assert type(caught.value) is ERRORS.get(status, Unavailable if status >= 500 else BadReply)
        assert str(status) in caught.value.reason
        assert getattr(caught.value, "retry_after", 7) == 7


NOT_IT = (b"", b"{", b"[" * 100_000, b"\xff", b"null", b"7", b'{"colour": "red"} x', b'{"colour": NaN}')


@pytest.mark.parametrize("body", NOT_IT)
def test_what_is_not_the_json_asked_for_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(BadReply):
        decode(body, Body)
