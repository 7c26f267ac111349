"""No request hides another one from a proxy that reads lengths differently: it is refused, and its connection ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import httptools
import pytest
from uvicorn.protocols.http import httptools_impl

from gateway.fast_lane import FastLane
from tests.gateway.fast_city import GRAPHQL, City, Clock, connected, serving
from tests.gateway.test_identity import Issuer

BODY = b'{"query": "{ ours }"}'
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
HIDDEN = b"GET /graphql?query=%%7Bmine%%7D HTTP/1.1\r\nhost: x\r\naccept: %b\r\n\r\n" % GRAPHQL.encode()
LENGTH = b"content-length: %d\r\n" % len(BODY)
CHUNKED = b"transfer-encoding: chunked\r\n"


def request(lines: bytes, body: bytes) -> bytes:
    usual = b"host: citygate.example\r\ncontent-type: application/json\r\naccept: %b\r\n" % GRAPHQL.encode()
    return b"POST /graphql HTTP/1.1\r\n" + usual + lines + b"\r\n" + body + HIDDEN


REFUSED = {
    "a length over the chunks and what is behind": request(
        b"content-length: %d\r\n" % (len(CHUNKS) + len(HIDDEN)) + CHUNKED, CHUNKS
    ),
    "chunks before a length": request(CHUNKED + b"content-length: 4\r\n", CHUNKS),
    "two lengths": request(LENGTH + b"content-length: %d\r\n" % (len(BODY) + len(HIDDEN)), BODY),
    "a list of lengths": request(b"content-length: %d, %d\r\n" % (len(BODY), len(BODY)), BODY),
    "a length with a sign": request(b"content-length: +%d\r\n" % len(BODY), BODY),
    "no length": request(b"", BODY),
    "a coding of another name": request(b"transfer-encoding: xchunked\r\n" + LENGTH, BODY),
    "identity": request(b"transfer-encoding: identity\r\n" + LENGTH, BODY),
    "chunks within another coding": request(b"transfer-encoding: chunked, identity\r\n", CHUNKS),
    "a blank before the colon": request(b"transfer-encoding : chunked\r\n" + LENGTH, BODY),
    "a folded line": request(b"x: y\r\n transfer-encoding: chunked\r\n" + LENGTH, BODY),
    "a line that ends in LF": request(b"x: y\n" + LENGTH, BODY),
    "a CR within a line": request(b"x: y\rtransfer-encoding: chunked\r\n" + LENGTH, BODY),
    "a NUL in a name": request(b"content-length\0: 3\r\n" + LENGTH, BODY),
    "LF in a chunk's extension": request(CHUNKED, CHUNKS.replace(b"\r\n", b";a\n\r\n", 1)),
    "chunks that end in LF": request(CHUNKED, CHUNKS.replace(b"\r\n", b"\n")),
    "a chunk of a negative length": request(CHUNKED, b"-1\r\n"),
    "a chunk's length beyond 64 bits": request(CHUNKED, b"1000000000000000" + CHUNKS),
    "a chunk's length with 0x": request(CHUNKED, b"0x" + CHUNKS),
}


async def statuses(cases: dict[str, bytes]) -> dict[str, list[bytes]]:
    """The status of each answer to what is sent at once, until the connection ends."""
    found: dict[str, list[bytes]] = {}
    async with serving(City(Clock(), Issuer()), lane=FastLane(1 << 20)) as served:
        for name, sent in cases.items():
            async with connected(served.port) as wire:
                wire.writer.write(sent)
                answers = await wire.end()
            found[name] = [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]
    return found


async def test_no_request_hides_another() -> None:
    assert await statuses(REFUSED) == {name: [b"400"] for name in REFUSED}


async def test_and_some_would_on_a_weakened_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the hidden request is answered where a length and chunks may stand together."""

    def lenient(protocol: Any) -> Any:
        parser = httptools.HttpRequestParser(protocol)
        parser.set_dangerous_leniencies(lenient_chunked_length=True, lenient_keep_alive=True)
        return SimpleNamespace(
            set_dangerous_leniencies=lambda **_: None,
            **{name: getattr(parser, name) for name in dir(parser) if name[0] != "_" and "lenien" not in name},
        )

    monkeypatch.setattr(
        httptools_impl, "httptools", SimpleNamespace(**{**vars(httptools), "HttpRequestParser": lenient})
    )
    (name, sent), *_ = REFUSED.items()
    found = await asyncio.wait_for(statuses({name: sent.replace(b"\r\nhost: x\r\n", b"\r\nconnection: close\r\n")}), 10)
    assert len(found[name]) == 2
