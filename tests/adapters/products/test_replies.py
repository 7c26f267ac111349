"""What an error says of a body that does not fit."""

from __future__ import annotations

import traceback
from enum import Enum
from typing import Annotated, Literal

import msgspec
import pytest

from adapters.contract.errors import BadReply
from adapters.products.replies import decode


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
