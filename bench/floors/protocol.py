"""`python -m bench.floors.protocol`: an asyncio protocol on httptools that answers each request with the same bytes."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import cast

import httptools
import uvloop

from bench.floors import BODY, HOST

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Constant(asyncio.Protocol):
    """One kept connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Answer."""
        self._transport.write(_ANSWER)


async def main() -> None:
    """Serve until standard input ends; the first line printed is the address."""
    server = await asyncio.get_running_loop().create_server(Constant, HOST, 0)
    print(f"http://{HOST}:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the end of standard input ends it
    uvloop.run(main())
