"""The load: kept connections on raw sockets, one request in flight on each, every answer compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast
from urllib.parse import urlsplit

import httptools

PATIENCE = 30.0
"""Seconds beyond its own time after which a pass is given up."""
SHOWN = 300
PARTIAL = 294
"""Status of an answer that has data and errors."""
UNLIMITED = float("inf")


class WrongAnswer(Exception):
    """The gateway refused, broke the connection, or answered something else than the checked answer."""


@dataclass(slots=True)
class Ask:
    """One person's request as bytes, how its answer must be, and the last body that came.

    `answer` is how the body must begin.
    """

    request: bytes
    answer: bytes = b""
    status: int = 200
    seen: bytes = b""


@dataclass(slots=True)
class Pass:
    """One pass of load: when it must stop starting requests, and what has happened.

    `turns` is how many requests each connection may start, `most` how many all together, and `rate` how many in a
    second. Latencies are in seconds; `seconds` is from the first request to the last answer. With `lenient`, an answer
    that lacks a department's part because a busy machine was late (status 294) is counted as `late` and goes by;
    otherwise it is wrong like any other.
    """

    turns: float = UNLIMITED
    most: float = UNLIMITED
    rate: float = UNLIMITED
    until: float = UNLIMITED
    lenient: bool = False
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    started: int = 0
    wrong: str = ""
    late: int = 0
    free_at: float = 0.0

    def may_start(self, now: float, turn: int) -> bool:
        """Take one of the requests that are left, as a connection's n-th from 0."""
        if self.wrong or now >= self.until or turn >= self.turns or self.started >= self.most:
            return False
        self.started += 1
        return True

    def wait(self, now: float) -> float:
        """The seconds until the next request may start, at an even rate; a late one is not made good by a burst."""
        at = max(now, self.free_at)
        self.free_at = at + 1 / self.rate
        return at - now

    def took(self, ask: Ask, status: int, body: bytes) -> None:
        """Compare an answer."""
        if self.lenient and status == PARTIAL:
            self.late += 1
            return
        ask.seen = body
        if status != ask.status or not body.startswith(ask.answer):
            shown = body[:SHOWN].decode(errors="replace")
            self.wrong = self.wrong or f"HTTP {status}, not the checked answer: {shown}"


class Lane(asyncio.Protocol):
    """One connection that asks one after the other for as long as the pass lasts."""

    def __init__(self, asks: Iterator[Ask], load: Pass) -> None:
        self._asks, self._load = asks, load
        self._parser = httptools.HttpResponseParser(self)
        self._turn = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for `start`."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def start(self) -> None:
        """Send the next request as soon as the rate allows it, or end."""
        wait = self._load.wait(time.perf_counter())
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        if not self._load.may_start(self._began, self._turn):
            self.done.set_result(None)
            return
        try:
            self._ask = next(self._asks)
        except WrongAnswer as exc:  # the line does not take the answer to its last ask
            self._load.wrong = self._load.wrong or str(exc)
            self.done.set_result(None)
            return
        self._turn += 1
        self._body = b""
        self._transport.write(self._ask.request)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Collect the body, which may come in pieces."""
        self._body += body

    def on_message_complete(self) -> None:
        """Compare and go on."""
        self._load.latencies.append(time.perf_counter() - self._began)
        self._load.took(self._ask, self._parser.get_status_code(), self._body)
        self.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Before the end it is a failure."""
        if not self.done.done():
            self._load.wrong = self._load.wrong or f"the gateway closed a connection ({exc or 'without a reason'})"
            self.done.set_result(None)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


async def run(addresses: Sequence[str], lanes: Sequence[Iterator[Ask]], load: Pass, seconds: float) -> None:
    """Put load on a gateway, one connection for each endless line of asks; several addresses share the connections.

    A line may raise WrongAnswer instead of its next ask, if it does not take the answer to the last one. Requests
    in flight at the end are awaited and counted.

    Raises: WrongAnswer, TimeoutError, OSError when it takes no connection.
    """
    async with asyncio.timeout(seconds + PATIENCE):
        where = cycle(addresses)
        connected = [await _connect(next(where), Lane(asks, load)) for asks in lanes]
        began = time.perf_counter()
        load.until = began + seconds
        for lane in connected:
            lane.start()
        await asyncio.gather(*(lane.done for lane in connected))
    load.seconds = time.perf_counter() - began
    for lane in connected:
        lane.close()
    if load.wrong:
        raise WrongAnswer(load.wrong)


async def _connect(address: str, lane: Lane) -> Lane:
    where = urlsplit(address)
    assert where.hostname is not None
    assert where.port is not None
    await asyncio.get_running_loop().create_connection(lambda: lane, where.hostname, where.port)
    return lane
