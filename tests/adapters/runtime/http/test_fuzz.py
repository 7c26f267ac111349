"""Whatever a department sends: a reply or an AdapterError, soon, and the same however the bytes are cut."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
import uvloop
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import AdapterError, BadReply
from adapters.contract.transport import Reply, Request
from adapters.runtime.http import Endpoint, HttpTransport
from adapters.runtime.http.reply import ReplyReader
from tests.adapters.runtime.wire import Exchange, serving

LARGEST = 2000
SECOND = b"a reply to the second request"

STATUS_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 ", b"HTTP/1.1 304", b"HTTP/1.1 502 Bad", b"HTTP/2 200",
        b"HTTP/1.1 100 C", b"HTTP/1.1 101 S", b"HTTP/1.1 0 x", b"HTTP/9.9 999 ?", b"GET / HTTP/1.1", b"",
    ]
)  # fmt: skip
FIELDS = st.sampled_from(
    [
        b"content-length: 5", b"content-length: 0", b"content-length: 3000", b"content-length: -1",
        b"transfer-encoding: chunked", b"transfer-encoding: gzip", b"content-encoding: gzip",
        b"content-encoding: deflate", b"connection: close", b"connection: keep-alive", b"connection: upgrade",
        b"upgrade: x", b"x: y", b": x", b"x",
    ]
)  # fmt: skip
BODIES = st.one_of(
    st.sampled_from([b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"5;x\r\nhello\r\n0\r\nt: u\r\n\r\n", b"", b"0\r\n\r\n"]),
    st.binary(max_size=40),
    st.integers(0, 3000).map(lambda size: b"a" * size),
)


@st.composite
def nearly_replies(draw: st.DrawFn) -> bytes:
    messages = []
    for _ in range(draw(st.integers(1, 3))):
        fields = b"".join(field + b"\r\n" for field in draw(st.lists(FIELDS, max_size=4)))
        messages.append(draw(STATUS_LINES) + b"\r\n" + fields + b"\r\n" + draw(BODIES))
    raw = bytearray(b"".join(messages))
    for at, byte in draw(st.lists(st.tuples(st.integers(0, len(raw)), st.integers(0, 255)), max_size=2)):
        raw[at : at + 1] = bytes([byte])
    return bytes(raw[: draw(st.integers(0, len(raw)))]) if draw(st.booleans()) else bytes(raw)


def cut(raw: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({min(place, len(raw)) for place in places} | {len(raw)})
    return [raw[start:end] for start, end in zip([0, *ends], ends, strict=False) if end > start]


Outcome = tuple[object, ...]


def outcome(pieces: Sequence[bytes], *, bodiless: bool) -> Outcome:
    reader = ReplyReader(LARGEST)
    reader.expect(bodiless=bodiless)
    reply: Reply | None = None
    try:
        for piece in pieces:
            if (reply := reader.feed(piece)) is not None:
                break
        reply = reply or reader.end()
    except BadReply:
        return ("bad",)
    return (reply.status, reply.headers, reply.body) if reply else ("unfinished",)


@settings(max_examples=600, deadline=None)
@given(nearly_replies(), st.lists(st.integers(0, 400), max_size=8), st.booleans())
def test_a_reply_does_not_depend_on_how_it_is_cut(raw: bytes, places: list[int], bodiless: bool) -> None:
    whole = outcome([raw] if raw else [], bodiless=bodiless)
    assert outcome(cut(raw, places), bodiless=bodiless) == whole
    assert outcome([raw[at : at + 1] for at in range(len(raw))], bodiless=bodiless) == whole
    if len(whole) == 3:
        assert isinstance(whole[2], bytes)
        assert len(whole[2]) <= LARGEST


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5).map(b"".join), st.integers(1, 200))
def test_noise_is_bad(noise: bytes, size: int) -> None:
    assume(noise.strip(b"\r\n") and not noise.lstrip(b"\r\n").startswith(b"HTTP/"))
    assert outcome(cut(noise, range(size, len(noise), size)), bodiless=False) == ("bad",)


async def exchange(pieces: list[bytes], method: str, *, closes: bool) -> None:
    first = True

    async def handle(exchange: Exchange) -> None:
        nonlocal first
        if not first:
            await exchange.reply(SECOND)
            return
        first = False
        for piece in pieces:
            await exchange.send(piece)
            await asyncio.sleep(0)
        if closes:
            exchange.writer.close()

    async with serving(handle) as server:
        endpoint = Endpoint("archive", server.address, largest_reply=LARGEST, connections=1)
        async with HttpTransport(endpoint, NoOpTracer()) as transport:
            failed = await fails(transport, method, patience=10 if closes else 0.03)
            second = await asyncio.wait_for(transport.send(Request(method="GET", path="/second")), 10)
            assert second.body == SECOND
            if failed:
                assert server.exchanges[-1].connection > 1, "a connection that failed was used again"


async def fails(transport: HttpTransport, method: str, patience: float) -> bool:
    """Whether there is no reply; only a deadline may find that a department does not go on."""
    try:
        async with asyncio.timeout(patience):
            await transport.send(Request(method=method, path="/first"))
    except AdapterError:
        return True
    except TimeoutError:
        assert patience < 1, "the department has closed the connection, and nobody noticed"
        return True
    return False


@pytest.mark.parametrize("new_event_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@settings(max_examples=60, deadline=None)
@given(
    raw=nearly_replies(),
    places=st.lists(st.integers(0, 400), max_size=4),
    method=st.sampled_from(["GET", "POST", "HEAD"]),
    closes=st.booleans(),
)
def test_a_department_may_send_anything(
    new_event_loop: Callable[[], asyncio.AbstractEventLoop], raw: bytes, places: list[int], method: str, closes: bool
) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(exchange(cut(raw, places), method, closes=closes))
