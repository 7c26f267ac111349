"""A client's connection under uvicorn, with the bounds on a request's head that uvicorn leaves open."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.addresses import network_of

_TOO_SLOW = b"408 Request Timeout"
_TOO_MANY = b"503 Service Unavailable"
_TOO_LARGE = b"431 Request Header Fields Too Large"


class Connection(HttpToolsProtocol):
    """An HTTP/1.1 connection whose every head has to be complete in time, and before it is too large.

    `head_seconds` runs from the connection's or the head's first moment; `head_bytes` counts what comes after the
    first piece, which holds the whole of an honest head. What comes after the head is for the application to bound.
    `most_per_address` bounds the connections of one address, where it is not 0; `peers` has how many there are.
    Adds to uvicorn's class only what asyncio and httptools call: see docs/decisions/0011-uvicorn-with-workers.md.
    """

    head_seconds = 10.0
    head_bytes = 64 * 1024
    most_per_address = 0
    peers: ClassVar[Counter[str]] = Counter()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_since: float | None = None
        self._head_begun = False
        self._head_bytes = 0
        self._peer: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """As asyncio says."""
        super().connection_made(transport)
        self._head_since = time.monotonic()
        self._watch(self.head_seconds)
        if self.most_per_address:
            self._enter(network_of(self.client[0]) if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio says."""
        self._alarm.cancel()
        if self._peer is not None:
            self.peers[self._peer] -= 1
            if not self.peers[self._peer]:
                del self.peers[self._peer]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As asyncio says."""
        since = self._head_since
        super().data_received(data)
        if since is not None and self._head_since == since:
            self._head_bytes += len(data)
            if self._head_bytes > self.head_bytes:
                self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """As httptools says."""
        super().on_message_begin()
        self._head_since, self._head_begun, self._head_bytes = time.monotonic(), True, 0

    def on_headers_complete(self) -> None:
        """As httptools says."""
        self._head_since = None
        super().on_headers_complete()

    def _enter(self, peer: str) -> None:
        self._peer = peer
        self.peers[peer] += 1
        if self.peers[peer] > self.most_per_address:
            self._refuse(_TOO_MANY)

    def _watch(self, seconds: float) -> None:
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """One timer for each connection and not for each head: it goes off, looks, and is set again."""
        now = time.monotonic()
        since = now if self._head_since is None or not self.transport.is_reading() else self._head_since
        left = since + self.head_seconds - now
        if left > 0:
            self._watch(left)
        elif self._head_begun:
            self._refuse(_TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()
