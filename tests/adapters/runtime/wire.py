"""A department that speaks bytes: a real server whose every exchange a test writes itself."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Handler = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request of one connection, and the way back."""

    head: str
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: int

    @property
    def line(self) -> str:
        """The request line."""
        return self.head.partition("\r\n")[0]

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, names in lower case."""
        pairs = (line.partition(": ") for line in self.head.split("\r\n")[1:] if line)
        return {name.lower(): value for name, _, value in pairs}

    async def reply(self, body: bytes = b"ok", *, status: str = "200 OK", **headers: str) -> None:
        """A well-formed reply; header names with `_` for `-`."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        await self.send(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{lines}\r\n".encode() + body)

    async def send(self, raw: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(raw)
        with suppress(ConnectionError):
            await self.writer.drain()

    def reset(self) -> None:
        """End the connection rudely."""
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Return when the client has closed the connection."""
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass


@dataclass
class Server:
    """What came in, and where."""

    port: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    came: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    connections: int = 0
    scheme: str = "http"

    @property
    def address(self) -> str:
        """The server's address."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def last(self) -> Exchange:
        """The last request."""
        return self.exchanges[-1]


async def answer_ok(exchange: Exchange) -> None:
    """Say 200."""
    await exchange.reply()


@asynccontextmanager
async def serving(
    handle: Handler = answer_ok, *, tls: ssl.SSLContext | None = None, port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """A server on a loopback port that hands every request to `handle`."""
    server = Server(scheme="https" if tls else "http")
    open_writers: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        number = server.connections
        open_writers.add(writer)
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                exchange = Exchange(head, b"", reader, writer, number)
                exchange.body = await reader.readexactly(int(exchange.headers.get("content-length", "0")))
                server.exchanges.append(exchange)
                server.came.release()
                await handle(exchange)
        open_writers.discard(writer)
        writer.close()

    listening = await asyncio.start_server(connected, host, port, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in open_writers:
            writer.transport.abort()
        await listening.wait_closed()
        await asyncio.sleep(0)
