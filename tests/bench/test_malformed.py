"""The soak of malformed requests in short, against a real gateway; and that it sees what must not be."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from bench.malformed import soak as module
from bench.malformed.classes import classes
from bench.malformed.request import Malformed, always
from bench.malformed.soak import Found, Gateway, soak
from bench.processes import HERE

TOKEN = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "ES256", "kid": "one"}, {"sub": "ann"}, {"a": "signature" * 8})
)


def test_no_request_of_any_class_makes_the_gateway_fail() -> None:
    """Each class at least twice; CITYGATE_MALFORMED says how many requests instead."""
    count = int(os.environ.get("CITYGATE_MALFORMED", "600"))
    found = soak(HERE, count, filling=0)
    assert found.faults == []
    assert not [line for line in found.log if any(word in line for word in module.ALARMING)]
    assert found.requests == count
    assert {"200", "400", "401", "403", "404", "405", "406", "413", "414", "415", "422", "431"} <= set(found.statuses)
    assert found.held > 0
    assert found.waited


def test_each_class_has_its_own_name_and_makes_bytes() -> None:
    kinds = classes(TOKEN)
    assert len({one.name for one in kinds}) == len(kinds) > 250
    assert all(one.make(Random(3)) for one in kinds)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    """A server that says the same to everybody."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


GOOD = b'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"hotline"'


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        (GOOD, []),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ["the client that behaves well was not answered"]),
        (b"HTTP/1.1 500 Oh\r\n\r\n", ["a: 500", "the client that behaves well was not answered"]),
        (b"", ["the client that behaves well was not answered"]),
    ],
)
async def test_what_must_not_be_is_seen(tmp_path: Path, answer: bytes, faults: list[str]) -> None:
    async with answering(answer) as port:
        one = module._Soak(Gateway(os.getpid(), port, tmp_path / "held"), [], Random(1), lambda _text: None)
        await one._send(Malformed("a", always(b"GET / HTTP/1.1\r\n\r\n")))
        await one._polite_once()
    assert one._found.faults == faults


async def test_a_gateway_that_has_ended_is_seen(tmp_path: Path) -> None:
    async with answering(GOOD) as port:
        pass
    one = module._Soak(Gateway(os.getpid(), port, tmp_path / "held"), [], Random(1), lambda _text: None)
    await one._send(Malformed("a", always(b"x")))
    assert one._found.faults == ["a: the gateway takes no connections"]


def test_memory_that_grows_a_loop_that_is_held_and_a_traceback_are_broken_promises() -> None:
    well = Found(filled=80.0, resident=[50.0, 80.0, 80.0, 81.0], held=49.0)
    assert well.broken() == []
    assert len(Found(filled=80.0, resident=[50.0, 80.0, 80.0, 85.0], held=49.0).broken()) == 1
    assert len(Found(resident=[80.0] * 4, held=51.0).broken()) == 1
    assert len(Found(resident=[80.0] * 4, log=["Traceback (most recent call last):"]).broken()) == 1
