"""Where a reply ends, what is in it, and whether the connection lives on: RFC 9112 and RFC 9110 over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Iterable

import pytest

from adapters.contract.errors import BadReply
from adapters.contract.transport import Reply, Request
from adapters.runtime.http.reply import LARGEST_HEAD
from tests.adapters.runtime.http.conftest import Connect
from tests.adapters.runtime.wire import Exchange, serving

GET = Request(method="GET", path="/x")
HEAD = Request(method="HEAD", path="/x")
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n"


async def exchange(
    connect: Connect, pieces: Iterable[bytes], request: Request = GET, *, closes: bool = False
) -> tuple[Reply, bool]:
    """The reply to the first request, which comes in pieces, and whether the second took the same connection."""

    async def handle(exchange: Exchange) -> None:
        if len(server.exchanges) > 1:
            await exchange.reply(b"second")
            return
        for piece in pieces:
            await exchange.send(piece)
            await asyncio.sleep(0)
        if closes:
            exchange.writer.close()

    async with serving(handle) as server:
        transport = connect(server.address)
        reply = await asyncio.wait_for(transport.send(request), 5)
        await asyncio.sleep(0.01)
        assert (await asyncio.wait_for(transport.send(GET), 5)).body == b"second"
        return reply, server.connections == 1


KEPT = [
    (OK + b"content-length: 2\r\n\r\nab", 200, b"ab"),
    (OK + b"content-length: 0\r\n\r\n", 200, b""),
    (CHUNKED + b'\r\n1\r\na\r\n1;ext="x"\r\nb\r\n0\r\n\r\n', 200, b"ab"),
    (CHUNKED + b"trailer: x\r\n\r\n2\r\nab\r\n0\r\nx: evil\r\ncontent-type: evil\r\n\r\n", 200, b"ab"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    (b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", 204, b""),
    (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: x\r\n\r\n", 304, b""),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"content-length: 2\r\n\r\nab", 200, b"ab"),
    (b"HTTP/1.1 103 Early Hints\r\nx: evil\r\n\r\n" * 2 + OK + b"content-length: 2\r\n\r\nab", 200, b"ab"),
    (b"HTTP/1.1 199 Odd\r\ncontent-length: 3\r\n\r\nodd" + OK + b"content-length: 2\r\n\r\nab", 200, b"ab"),
    (b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nab", 200, b"ab"),
    (b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nab", 200, b"ab"),
    (b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 1\r\n\r\n!", 429, b"!"),
]


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize(("raw", "status", "body"), KEPT)
async def test_a_reply_ends_where_it_ends(
    connect: Connect, raw: bytes, status: int, body: bytes, bytewise: bool
) -> None:
    pieces = [raw[at : at + 1] for at in range(len(raw))] if bytewise else [raw]
    reply, kept = await exchange(connect, pieces)
    assert (reply.status, reply.body, kept) == (status, body, True)
    assert "evil" not in reply.headers.values(), "trailers and interim replies are not the reply's head"


NOT_KEPT = [
    (OK + b"content-length: 2\r\nconnection: close\r\n\r\nab", b"ab"),
    (OK + b"content-length: 2\r\nconnection: Keep-Alive, Close\r\n\r\nab", b"ab"),
    (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nab", b"ab"),
    (OK + b"content-length: 2\r\n\r\nabc", b"ab"),
    (OK + b"content-length: 2\r\n\r\nabHTTP/1.1 200 OK\r\ncontent-length: 4\r\nx: evil\r\n\r\nevil", b"ab"),
    (OK + b"content-length: 2\r\n\r\nabHTTP/1.1 500 Evil\r\n", b"ab"),
    (b"HTTP/1.1 204 No Content\r\n\r\nevil", b""),
    (OK + b"connection: close\r\ncontent-length: 2\r\n\r\nabevil", b"ab"),
    (CHUNKED + b"\r\n2\r\nab\r\n0\r\n\r\n0\r\n\r\n", b"ab"),
]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("raw", "body"), NOT_KEPT)
async def test_what_cannot_be_followed_by_another_reply_is_not_used_again(
    connect: Connect, raw: bytes, body: bytes, late: bool
) -> None:
    pieces = [raw[:-1], raw[-1:]] if late else [raw]
    reply, kept = await exchange(connect, pieces)
    assert (reply.status in {200, 204}, reply.body, kept) == (True, body, False)
    assert "evil" not in reply.headers.values()


@pytest.mark.parametrize("head", [OK + b"\r\n", b"HTTP/1.0 200 OK\r\n\r\n", OK + b"connection: close\r\n\r\n"])
async def test_a_body_may_last_until_the_end_of_the_connection(connect: Connect, head: bytes) -> None:
    reply, kept = await exchange(connect, [head + b"un", b"til", b" the end"], closes=True)
    assert (reply.body, kept) == (b"until the end", False)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        (b"content-length: 1000\r\n", True),
        (b"content-length: 99999999999\r\n", True),  # larger than any body may be
        (b"transfer-encoding: chunked\r\n", True),
        (b"content-encoding: gzip\r\ncontent-length: 20\r\n", True),
        (b"content-length: 1000\r\nconnection: close\r\n", False),
    ],
)
async def test_head_has_no_body(connect: Connect, fields: bytes, kept: bool) -> None:
    reply, used_again = await exchange(connect, [OK + fields + b"\r\n"], HEAD)
    assert (reply.status, reply.body, used_again) == (200, b"", kept)


@pytest.mark.parametrize("late", [False, True])
async def test_a_body_after_all_spoils_the_connection(connect: Connect, late: bool) -> None:
    head, body = OK + b"content-length: 4\r\n\r\n", b"evil"
    reply, kept = await exchange(connect, [head, body] if late else [head + body], HEAD)
    assert (reply.body, kept) == (b"", False)


async def refused(connect: Connect, *pieces: bytes, request: Request = GET, words: str = "") -> None:
    async def handle(exchange: Exchange) -> None:
        for piece in pieces:
            await exchange.send(piece)
            await asyncio.sleep(0)

    async with serving(handle) as server:
        transport = connect(server.address)
        with pytest.raises(BadReply, match=words):
            await asyncio.wait_for(transport.send(request), 5)
        assert not transport._pool._connections


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nevil",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/3.7 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\ncontent-length: 0\n\n",
        OK + b"content-length: 1, 2\r\n\r\nab",
        OK + b"content-length: -1\r\n\r\n",
        OK + b"content-length: 99999999999999999999999\r\n\r\n",
        OK + b"content-length : 0\r\n\r\n",
        OK + b"x: folded\r\n evil\r\ncontent-length: 0\r\n\r\n",
        OK + b"x: \x00\r\ncontent-length: 0\r\n\r\n",
        CHUNKED + b"content-length: 3\r\n\r\n0\r\n\r\n",
        CHUNKED + b"\r\n-1\r\na\r\n0\r\n\r\n",
        CHUNKED + b"\r\n1\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"\r\nffffffffffffffffff\r\n",
        OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"<html>",
        b"HTTQ",
    ],
)
async def test_what_breaks_the_protocol_is_refused(connect: Connect, raw: bytes) -> None:
    await refused(connect, raw, words="not HTTP")


async def test_a_transfer_coding_that_ends_with_the_connection_is_refused(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.send(OK + b"transfer-encoding: gzip\r\n\r\nabc")
        exchange.writer.close()

    async with serving(handle) as server:
        with pytest.raises(BadReply, match="not HTTP"):
            await connect(server.address).send(GET)


LARGE = b"a" * (LARGEST_HEAD + 1)
SLICE = b"a" * 1000
SLICES = LARGEST_HEAD // len(SLICE) + 2


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"x: " + LARGE + b"\r\ncontent-length: 0\r\n\r\n"],
        [OK + b"x: ", *[SLICE] * SLICES],
        [OK, *[b"x-%d: %b\r\n" % (number, SLICE) for number in range(SLICES)]],
        [OK + b"".join(b"x-%d: %b\r\n" % (number, SLICE) for number in range(SLICES)) + b"\r\n"],
        [b"HTTP/1.1 200 " + LARGE],
        [b"HTTP/1.1 100 Continue\r\n\r\n" * 5000],
        [CHUNKED + b"\r\n1;" + LARGE],
        [CHUNKED + b"\r\n1\r\na\r\n0\r\nx: ", *[SLICE] * SLICES],
    ],
    ids=["field", "slow-field", "slow-fields", "fields", "reason", "interim", "extension", "trailer"],
)
async def test_what_is_no_body_is_bounded(connect: Connect, pieces: list[bytes]) -> None:
    await refused(connect, *pieces, words=f"{LARGEST_HEAD} bytes")


async def test_a_body_of_tiny_chunks_is_no_head(connect: Connect) -> None:
    pieces = [b"1\r\na\r\n" * 100] * 400
    reply, kept = await exchange(connect, [CHUNKED + b"\r\n", *pieces, b"0\r\n\r\n"])
    assert (len(reply.body), kept) == (40_000, True)


async def test_tiny_chunks_take_no_more_memory_than_they_hold(connect: Connect) -> None:
    raw = CHUNKED + b"\r\n" + b"2\r\nab\r\n" * 200_000 + b"0\r\n\r\n"
    pieces = [raw[at : at + 65536] for at in range(0, len(raw), 65536)]
    tracemalloc.start()
    try:
        reply, _ = await exchange(connect, pieces)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert len(reply.body) == 400_000


@pytest.mark.parametrize("framing", [b"transfer-encoding: chunked\r\n\r\nfffff\r\n", b"\r\n"])
async def test_a_large_reply_is_refused_while_it_comes(connect: Connect, framing: bytes) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.send(OK + framing)
        while not exchange.writer.is_closing():
            await exchange.send(SLICE)

    async with serving(handle) as server:
        with pytest.raises(BadReply, match="larger than 20000 bytes"):
            await asyncio.wait_for(connect(server.address, largest_reply=20_000).send(GET), 5)


async def test_fields_are_read_as_departments_write_them(connect: Connect) -> None:
    raw = OK + "X-Name: 武汉\r\nx-space: \t a b \t \r\nX-Twice: 1\r\nx-twice: 2\r\nx-empty:\r\n".encode()
    reply, _ = await exchange(connect, [raw + b"content-length: 0\r\n\r\n"])
    assert reply.headers["x-name"] == "武汉"
    assert reply.headers["x-space"] == "a b"
    assert reply.headers["x-twice"] == "2"
    assert reply.headers["x-empty"] == ""


def deflated(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


def packed(body: bytes, coding: bytes) -> bytes:
    return OK + b"content-encoding: %b\r\ncontent-length: %d\r\n\r\n%b" % (coding, len(body), body)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(b"plain", mtime=0)),
        (b"X-GZip", gzip.compress(b"plain", mtime=0)),
        (b"deflate", zlib.compress(b"plain")),
        (b"deflate", deflated(b"plain")),
        (b"identity", b"plain"),
    ],
)
async def test_codings_are_undone(connect: Connect, coding: bytes, body: bytes) -> None:
    reply, kept = await exchange(connect, [packed(body, coding)])
    assert (reply.body, kept) == (b"plain", True)


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        (b"gzip", gzip.compress(b"plain", mtime=0)[:-1], "not encoded as it says"),
        (b"gzip", gzip.compress(b"plain", mtime=0) + b"evil", "not encoded as it says"),
        (b"gzip", gzip.compress(b"plain", mtime=0)[:-8] + b"\0" * 8, "not encoded as it says"),
        (b"deflate", b"plain", "not encoded as it says"),
        (b"br", b"\x0b\x02\x80plain\x03", "that nobody asked for"),
        (b"gzip, gzip", gzip.compress(gzip.compress(b"plain", mtime=0), mtime=0), "that nobody asked for"),
    ],
)
async def test_what_is_not_encoded_as_it_says_is_refused(
    connect: Connect, coding: bytes, body: bytes, words: str
) -> None:
    await refused(connect, packed(body, coding), words=words)


async def test_nobody_asks_for_a_coding(connect: Connect) -> None:
    async with serving() as server:
        await connect(server.address).send(GET)
        assert "accept-encoding" not in server.last.headers
