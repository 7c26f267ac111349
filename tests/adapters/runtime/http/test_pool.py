"""Connections: how many, who waits, which are kept, and when a request may be sent again."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from adapters.contract.errors import Interrupted, Unavailable
from adapters.contract.transport import Request
from adapters.runtime.http import HttpTransport, pool
from tests.adapters.runtime.http.conftest import Connect
from tests.adapters.runtime.wire import Exchange, serving

GET = Request(method="GET", path="/x")
POST = Request(method="POST", path="/x", body=b"order")


class Gate:
    """A handler that holds every request back until it is let through."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.passes = asyncio.Semaphore(0)

    async def __call__(self, exchange: Exchange) -> None:
        self.order.append(exchange.line.split()[1])
        await self.passes.acquire()
        await exchange.reply(exchange.line.split()[1].encode())


async def gone(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def numbered(transport: HttpTransport, *numbers: int) -> list[asyncio.Task[object]]:
    return [asyncio.create_task(transport.send(Request(method="GET", path=f"/{number}"))) for number in numbers]


async def test_who_comes_first_is_served_first(connect: Connect) -> None:
    gate = Gate()
    async with serving(gate) as server:
        tasks = numbered(connect(server.address, connections=1), *range(6))
        for _ in range(6):
            await server.came.acquire()
            gate.passes.release()
        await asyncio.gather(*tasks)
        assert gate.order == [f"/{number}" for number in range(6)]
        assert server.connections == 1


async def test_who_comes_late_does_not_overtake(connect: Connect) -> None:
    gate = Gate()
    async with serving(gate) as server:
        transport = connect(server.address, connections=1)
        first, second = numbered(transport, 1, 2)
        await server.came.acquire()
        gate.passes.release()
        await first
        [late] = numbered(transport, 3)  # the second has been told that it is its turn, and has not run yet
        gate.passes.release()
        gate.passes.release()
        await asyncio.gather(second, late)
        assert gate.order == ["/1", "/2", "/3"]


async def test_who_gives_up_waiting_takes_no_place_along(connect: Connect) -> None:
    gate = Gate()
    async with serving(gate) as server:
        transport = connect(server.address, connections=2)
        running = numbered(transport, 1, 2)
        waiting = numbered(transport, *range(3, 40))
        for _ in running:
            await server.came.acquire()
        await gone(*waiting[::2])
        gate.passes.release()
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        await gone(*waiting)  # some of them at the moment of their turn
        await gone(*running)
        for _ in range(40):  # also for the requests that nobody waits for any more
            gate.passes.release()
        answers = await asyncio.wait_for(asyncio.gather(*numbered(transport, 98, 99)), 5)
        assert {answer.body for answer in answers} == {b"/98", b"/99"}  # type: ignore[attr-defined]


async def test_a_place_comes_back_however_an_exchange_ends(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        if exchange.line.startswith("GET /broken"):
            exchange.reset()
        elif exchange.line.startswith("GET /odd"):
            await exchange.send(b"odd")
        else:
            await exchange.reply()

    async with serving(handle) as server:
        transport = connect(server.address, connections=1)
        for path in ("/broken", "/odd", "/fine") * 3:
            with suppress(Exception):
                await transport.send(Request(method="GET", path=path))
        port = server.port
    with pytest.raises(Unavailable):
        await transport.send(GET)
    async with serving(port=port):
        async with asyncio.timeout(5):
            assert (await transport.send(GET)).status == 200


async def test_a_cancelled_exchange_is_answered_to_nobody(connect: Connect) -> None:
    gate = Gate()
    async with serving(gate) as server:
        transport = connect(server.address, connections=1)
        [late] = numbered(transport, 1)
        await server.came.acquire()
        await gone(late)
        gate.passes.release()
        gate.passes.release()
        assert (await transport.send(Request(method="GET", path="/2"))).body == b"/2"
        assert server.connections == 2


async def test_a_reply_that_comes_with_the_cancellation_spoils_nothing(connect: Connect) -> None:
    async with serving() as server:
        transport = connect(server.address, connections=1)
        for turn in range(40):
            [task] = numbered(transport, turn)
            for _ in range(turn):
                await asyncio.sleep(0)
            await gone(task)
            assert (await transport.send(GET)).body == b"ok"


async def test_an_idle_connection_is_closed_and_not_used(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.05)
    closed = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.reply()
        if exchange.connection == 1:
            await exchange.gone()
            closed.set()

    async with serving(handle) as server:
        transport = connect(server.address)
        await transport.send(GET)
        await asyncio.wait_for(closed.wait(), 5)
        await transport.send(POST)
        assert server.connections == 2


async def test_an_old_connection_is_not_used_even_when_nobody_swept(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as server:
        transport = connect(server.address)
        await transport.send(GET)
        monkeypatch.setattr(pool, "IDLE_SECONDS", 0.0)
        await transport.send(GET)
        assert server.connections == 2


async def test_only_what_is_too_much_grows_old(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.3)
    gate = Gate()
    async with serving(gate) as server:
        transport = connect(server.address)
        together = numbered(transport, *range(4))
        for _ in range(40):
            gate.passes.release()
        await asyncio.gather(*together)
        for _ in range(12):
            await transport.send(GET)
            await asyncio.sleep(0.05)
        assert server.connections == 4
        assert len(transport._pool._connections) == 1


async def test_a_reply_to_nothing_is_not_the_next_ones(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.reply(exchange.line.encode())
        if exchange.connection == 1:
            await asyncio.sleep(0.01)
            await exchange.reply(b"smuggled")

    async with serving(handle) as server:
        transport = connect(server.address)
        await transport.send(GET)
        await asyncio.sleep(0.05)
        assert (await transport.send(GET)).body == b"GET /x HTTP/1.1"
        assert server.connections == 2


@contextmanager
def blocking_server(*lives: list[str]) -> Iterator[tuple[str, threading.Event, list[bytes]]]:
    """A server in a thread of its own: each connection lives through `reply`, `await` (the event) and its end."""
    listening = socket.create_server(("127.0.0.1", 0))
    proceed, heard = threading.Event(), list[bytes]()

    def serve() -> None:
        for life in lives:
            conversation, _ = listening.accept()
            with conversation:
                for step in life:
                    if step == "await":
                        proceed.wait(10)
                    else:
                        heard.append(conversation.recv(65536))
                        conversation.sendall(
                            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" if step == "reply" else b""
                        )

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", proceed, heard
        thread.join(10)


async def test_a_post_finds_out_that_the_connection_was_closed_before_it_is_written(connect: Connect) -> None:
    """The event loop has had no turn in which to hear of it."""
    with blocking_server(["reply", "await"], ["reply"]) as (address, proceed, heard):
        transport = connect(address)
        await transport.send(GET)
        proceed.set()
        time.sleep(0.05)  # noqa: ASYNC251
        assert (await transport.send(POST)).status == 200
        assert [each.split()[0] for each in heard] == [b"GET", b"POST"]
        await transport.aclose()


async def test_a_get_is_sent_again_once_only(connect: Connect) -> None:
    with blocking_server(["reply", "hear"], ["hear"]) as (address, _, heard):
        transport = connect(address)
        await transport.send(GET)
        with pytest.raises(Interrupted):
            await transport.send(GET)
        assert len(heard) == 3, "one reply, one try over the kept connection, one over a new one"
        await transport.aclose()


async def test_a_get_over_a_new_connection_is_not_sent_again(connect: Connect) -> None:
    with blocking_server(["hear"]) as (address, _, heard):
        with pytest.raises(Interrupted):
            await connect(address).send(GET)
        assert len(heard) == 1


async def test_a_get_that_was_half_answered_is_not_sent_again(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        if len(server.exchanges) == 2:
            await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na")
            exchange.writer.close()
        else:
            await exchange.reply()

    async with serving(handle) as server:
        transport = connect(server.address)
        await transport.send(GET)
        with pytest.raises(Interrupted):
            await transport.send(GET)
        assert len(server.exchanges) == 2


async def test_the_deadline_holds_for_the_second_try_too(connect: Connect) -> None:
    with blocking_server(["reply", "hear"]) as (address, _, heard):
        transport = connect(address)
        await transport.send(GET)
        # nobody accepts the second connection, though the kernel takes it
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await transport.send(GET)
        assert len(heard) == 2
        await transport.aclose()


async def test_closing_ends_what_is_under_way(connect: Connect) -> None:
    closed = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
        await exchange.gone()
        closed.set()

    async with serving(handle) as server:
        transport = connect(server.address)
        task = asyncio.create_task(transport.send(GET))
        await server.came.acquire()
        await transport.aclose()
        with pytest.raises(Interrupted):
            await task
        await asyncio.wait_for(closed.wait(), 5)


async def test_closing_closes_what_is_kept(connect: Connect) -> None:
    closed = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.reply()
        await exchange.gone()
        closed.set()

    async with serving(handle) as server:
        transport = connect(server.address)
        await transport.send(GET)
        await transport.aclose()
        await asyncio.wait_for(closed.wait(), 5)
