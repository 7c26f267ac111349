"""The bytes of a response, for every value that a result can hold."""

import asyncio
import datetime
import decimal
import json
import uuid
from typing import Any

import pytest
from graphql import Undefined

from gateway.graphql import response
from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.response import encode
from tests.gateway.graphql.conftest import Client


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**64, b"18446744073709551616"),
        (-(10**400), b"-1" + b"0" * 400),
        (float("nan"), b"null"),
        (float("inf"), b"null"),
        ("光", '"光"'.encode()),
        ("a\ud800b", '"a\ufffdb"'.encode()),
        ("\ud83d\ude00", '"😀"'.encode()),
        ({"\udfff": ("\udfff", 1)}, '{"\ufffd":["\ufffd",1]}'.encode()),
        ([Undefined], b"[null]"),
        ({1: True}, b'{"1":true}'),
        (decimal.Decimal("0.10"), b'"0.10"'),
        (datetime.date(2025, 1, 2), b'"2025-01-02"'),
        (uuid.UUID(int=0), b'"00000000-0000-0000-0000-000000000000"'),
    ],
)
def test_values(value: Any, text: bytes):
    assert encode({"data": {"a": value}}) == b'{"data":{"a":' + text + b"}}"


async def test_unusual_values_reach_the_client(client: Client):
    reply = await client.post("{ surrogate huge }")
    assert reply.status == 200
    assert reply.entries["data"] == {
        "surrogate": {"\ufffd": ["a\ufffd", "😀"]},
        "huge": [2**64, -(10**400), None],
    }


async def test_a_value_that_json_cannot_hold_is_internal(client: Client):
    reply = await client.post("{ unspeakable }")
    assert (reply.status, reply.code) == (500, "INTERNAL")


async def test_errors_come_first(client: Client):
    reply = await client.post("{ broken }")
    assert list(json.loads(reply.body)) == ["errors", "data"]


@pytest.mark.parametrize("query", ["{ greeting }", "{ broken }", "{ unknown }", "{"])
async def test_headers_of_every_answer(client: Client, query: str):
    headers = (await client.post(query)).headers
    assert headers["vary"] == "Accept, Accept-Language, Authorization"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize(
    "value",
    [
        {"data": {"a": {"b": [{"c": n, "d": [n] * 30} for n in range(25)]}, "e": [], "f": None}},
        {"errors": [{"message": str(n)} for n in range(11)], "data": None, "extensions": {}},
        {"data": {"a": list(range(10)), "b": {}, "c": [list(range(40))] * 10}},
        {"data": {"\u4e00": ["\udc00", *["x"] * 10]}},
    ],
)
async def test_long_lists_are_encoded_in_pieces_to_the_same_bytes(value: dict[str, Any]) -> None:
    assert await response.encode_long(value) == response.encode(value)


async def test_others_have_a_turn_while_a_long_answer_is_encoded() -> None:
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    data = await response.encode_long({"data": {"a": ["x" * 1000] * 3000}})
    ticking.cancel()
    assert turns >= len(data) // (512 * 1024)


@pytest.mark.parametrize("rows", [1, 100])
async def test_too_long_an_answer_is_refused(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "MOST_BYTES", 1000)
    assert await response.encode_long({"data": ["x"]})
    with pytest.raises(HTTPRefusal, match="more than 1000 bytes"):
        await response.encode_long({"data": ["x" * (1000 // rows)] * rows})
