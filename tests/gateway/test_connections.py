"""The bounds on a request's head, over real sockets; the application answers every request that reaches it."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from gateway.commands.connections import Connection
from gateway.commands.fast_connections import connection_class
from gateway.commands.server import STALLED_MS, bind
from gateway.fast_lane import FastLane
from gateway.settings import Listen

REQUEST = b"POST / HTTP/1.1\r\nhost: citygate.example\r\ncontent-length: 4\r\n\r\nbody"
PATIENCE = 10.0


class Impatient(Connection):
    head_seconds = 0.2
    head_bytes = 4096


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


@asynccontextmanager
async def listening(kind: type[Connection]) -> AsyncIterator[int]:
    config = uvicorn.Config(app, http=kind, lifespan="off", ws="none", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(config, state, {}, loop), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for connection in list(state.connections):
        connection.shutdown()
    await server.wait_closed()
    await asyncio.sleep(0)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening(Impatient) as port:
        yield port


async def sent(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What comes back for pieces with pauses between them, until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(reader.read())
    with suppress(OSError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
    async with asyncio.timeout(PATIENCE):
        received = await answer
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return received


async def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    assert await sent(port) == b""


@pytest.mark.parametrize("said", [b"P", REQUEST[:20], REQUEST[:-6]])
async def test_a_head_that_does_not_end_is_refused_and_the_connection_closed(port: int, said: bytes) -> None:
    assert (await sent(port, said)).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_trickles_has_no_more_time_than_one_that_stands_still(port: int) -> None:
    trickle = [REQUEST[:20], *(b"x-%d: y\r\n" % number for number in range(60))]
    assert (await sent(port, *trickle, pause=0.05)).startswith(b"HTTP/1.1 408 ")


async def test_the_next_head_on_a_connection_is_bounded_too(port: int) -> None:
    answers = await sent(port, REQUEST, REQUEST[:20])
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answers


async def test_a_head_that_goes_on_for_ever_is_refused(port: int) -> None:
    assert (await sent(port, REQUEST[:20], *[b"x: %s\r\n" % (b"y" * 1000)] * 6, pause=0.01)).startswith(
        b"HTTP/1.1 431 "
    )


async def test_a_connection_between_requests_has_time(port: int) -> None:
    closing = REQUEST.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    answers = await sent(port, REQUEST, closing, pause=2 * Impatient.head_seconds)
    assert answers.count(b"HTTP/1.1 200 ") == 2


async def test_a_body_has_the_time_that_the_application_gives_it(port: int) -> None:
    closing = REQUEST.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    assert (await sent(port, closing[:-1], closing[-1:], pause=2 * Impatient.head_seconds)).endswith(b"4 bytes")


def test_the_kernel_gives_up_on_a_client_that_takes_nothing() -> None:
    (bound,) = bind(Listen(port=0), 1)
    with bound:
        bound.listen()
        with socket.create_connection(bound.getsockname()), bound.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == STALLED_MS


class Crowded(Connection):
    most_per_address = 2
    peers: ClassVar[Counter[str]] = Counter()


async def test_an_address_has_so_many_connections_and_no_more() -> None:
    async with listening(Crowded) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert (await sent(port, REQUEST)).startswith(b"HTTP/1.1 503 ")
        for reader, writer in held:
            writer.write(REQUEST)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        held[0][1].close()
        await held[0][1].wait_closed()
        async with asyncio.timeout(PATIENCE):
            while Crowded.peers["127.0.0.1"] > 1:  # noqa: ASYNC110  # a plain number
                await asyncio.sleep(0.001)
        assert (await sent(port, REQUEST.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))).startswith(
            b"HTTP/1.1 200 "
        )
        held[1][1].close()
    assert Crowded.peers == {}


def test_the_settings_make_the_class_of_connections() -> None:
    for lane in (None, FastLane(1024)):
        kind = connection_class(lane, head_seconds=3.0, most_per_address=7)
        assert (kind.head_seconds, kind.most_per_address) == (3.0, 7)
        assert kind.peers is not connection_class(lane).peers
        assert connection_class(lane).most_per_address == 0
