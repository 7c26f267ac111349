"""Serves one department over HTTP/1.1 with kept connections, counts its calls, and composes each answer once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast
from urllib.parse import parse_qsl, urlsplit

import httptools

COUNT_PATH = b"/-/calls"
"""Where a department says how many calls it has taken; asking is no call."""
HOLD_PATH = b"/-/hold"
"""From then on it takes calls and answers none, until it is told to at `RELEASE_PATH`."""
RELEASE_PATH = b"/-/release"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
_Key = tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `who` is the header that the department's answers depend on, empty where it has none.

    A name that the query has several times is there once, its values with commas between them.
    """

    path: str
    query: Mapping[str, str]
    who: str
    body: bytes


class Department(Protocol):
    """One department's answers. Header names are in lower case; empty for none."""

    who_header: bytes
    """The header that says whom the call is about."""
    echo_header: bytes
    """The header that comes back as it was sent."""
    reply_headers: bytes
    """Further header lines of every answer, each with its line end."""

    def answer(self, asked: Asked) -> object | None:
        """What is written as JSON; None for what this department does not have."""


class Desk:
    """A department with its count of calls and the answers that it has composed before."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.calls = 0
        self._held: list[tuple[asyncio.WriteTransport, bytes]] | None = None
        self._composed: dict[_Key, tuple[bytes, bytes]] = {}

    def take(self, transport: asyncio.WriteTransport, url: bytes, *rest: bytes) -> None:
        """Answer a request, or keep its answer while answers are held."""
        if url == HOLD_PATH:
            self._held = []
        elif url == RELEASE_PATH:
            waiting, self._held = self._held or [], None
            for each, answer in waiting:
                if not each.is_closing():
                    each.write(answer)
        elif self._held is not None and url != COUNT_PATH:
            self._held.append((transport, self.reply(url, *rest)))
            return
        transport.write(self.reply(url, *rest))

    def reply(self, url: bytes, who: bytes, body: bytes, echo: bytes) -> bytes:
        """The whole answer as bytes, head and body."""
        if url in (COUNT_PATH, HOLD_PATH, RELEASE_PATH):
            return _framed(b"", json.dumps(self.calls).encode())
        self.calls += 1
        key = (url, who, body)
        parts = self._composed.get(key)
        if parts is None:
            parts = self._composed[key] = self._compose(*key)
        return parts[0] + echo + parts[1] if echo else parts[0] + parts[1]

    def _compose(self, url: bytes, who: bytes, body: bytes) -> tuple[bytes, bytes]:
        parts = urlsplit(url.decode())
        said = self.department.answer(Asked(parts.path, _query(parts.query), who.decode(), body))
        if said is None:
            return _NOT_FOUND, b""
        whole = _framed(self.department.reply_headers, encoded(said))
        status, _, rest = whole.partition(b"\r\n")
        return status + b"\r\n", rest


def encoded(said: object) -> bytes:
    """JSON as the departments write it."""
    return json.dumps(said, ensure_ascii=False).encode()


def _query(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(text):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _framed(headers: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n" % (headers, len(body))
    return head + body


class Connection(asyncio.Protocol):
    """One kept connection; an answer leaves as soon as its request is complete."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._who_header = desk.department.who_header
        self._echo_header = desk.department.echo_header
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what is not HTTP ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._url = self._who = self._echo = self._body = b""

    def on_url(self, url: bytes) -> None:
        """Collect the address, which may come in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the two headers that matter."""
        lower = name.lower()
        if lower == self._who_header:
            self._who = value
        elif lower == self._echo_header:
            self._echo = b"%b: %b\r\n" % (name, value)

    def on_body(self, body: bytes) -> None:
        """Collect the body, which may come in pieces."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer."""
        self._desk.take(self._transport, self._url, self._who, self._body, self._echo)


async def serve(department: Department, host: str = "127.0.0.1") -> tuple[asyncio.Server, str]:
    """Listen at a free port: the server, and its address."""
    desk = Desk(department)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(desk), host, 0)
    return server, f"http://{host}:{server.sockets[0].getsockname()[1]}"
