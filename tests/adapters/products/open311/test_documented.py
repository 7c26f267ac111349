"""Reading in one step says what reading by way of plain data says, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import BadReply
from adapters.products.open311 import Format, ServiceRequest, Update
from adapters.products.open311.codec import fit, read, read_documented
from adapters.products.open311.documented import are_documented_requests, are_documented_updates

TIME = "2026-03-01T08:00:00+08:00"
REQUEST = {"service_code": "7", "status": "open", "requested_datetime": TIME, "service_request_id": "12"}
UPDATE = {"update_id": "3", "service_request_id": "12", "status": "open", "updated_datetime": TIME}
KINDS: dict[str, tuple[type[Any], Callable[[Any], bool], dict[str, str]]] = {
    "requests": (tuple[ServiceRequest, ...], are_documented_requests, REQUEST),
    "updates": (tuple[Update, ...], are_documented_updates, UPDATE),
}
FIELDS = {"requests": ServiceRequest.__struct_fields__, "updates": Update.__struct_fields__}
TEXTS = sorted((kind, field) for kind, fields in FIELDS.items() for field in fields if "datetime" not in field)
words = st.text(st.sampled_from(' \t\u00a0\u3000\u2028a7-.路\\"'), max_size=3)
values = st.one_of(words, words, st.none(), st.integers(), st.just(TIME), st.booleans(), st.just([]), st.floats(-9, 9))


def in_one_step(kind: str, rows: list[dict[str, Any]]) -> Any:
    into, are_documented, _ = KINDS[kind]
    return read_documented(msgspec.json.encode(rows), Format.JSON, into, are_documented)


def by_way_of_plain_data(kind: str, rows: list[dict[str, Any]]) -> Any:
    try:
        return fit(read(msgspec.json.encode(rows), Format.JSON, ""), KINDS[kind][0])
    except BadReply:
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_as_documented_is_read_in_one_step(kind):
    row = KINDS[kind][2] | {"description": " Both lamps. ", "more": {"deep": [1]}}
    found = in_one_step(kind, [row, row])
    assert found == by_way_of_plain_data(kind, [row, row])
    assert [one.description for one in found] == [" Both lamps. "] * 2


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_reading_in_one_step_never_says_anything_else(kind, data):
    odd = st.dictionaries(st.sampled_from(FIELDS[kind]), values, max_size=3)
    rows = [KINDS[kind][2] | one for one in data.draw(st.lists(odd, max_size=3))]
    found = in_one_step(kind, rows)
    assert found is None or found == by_way_of_plain_data(kind, rows)


@pytest.mark.parametrize("text", ["", " ", "\u3000"])
@pytest.mark.parametrize(("kind", "field"), TEXTS)
def test_a_text_that_stands_for_nothing_is_left_to_the_other_way(kind, field, text):
    assert in_one_step(kind, [KINDS[kind][2] | {field: text}]) is None


@pytest.mark.parametrize("field", ["service_code", "service_request_id", "token", "account_id"])
def test_an_id_with_blanks_around_it_is_left_to_the_other_way(field):
    assert in_one_step("requests", [REQUEST | {field: " 7"}]) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff", b"[" * 100_000, b'{"errors": []}'])
@pytest.mark.parametrize("kind", KINDS)
def test_anything_else_is_left_to_the_other_way(kind, body):
    into, are_documented, _ = KINDS[kind]
    assert read_documented(body, Format.JSON, into, are_documented) is None
    assert read_documented(b"[]", Format.XML, into, are_documented) is None
