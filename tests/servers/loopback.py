"""A plain HTTP server on a free port of this machine, for as long as a test wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar


class Loopback(ThreadingHTTPServer):
    """A server that has what its `Answer`s leave with it."""

    daemon_threads = True

    def __init__(self, answer: type[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), answer)

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    """How one request is answered; nothing is printed."""

    def body(self) -> bytes:
        """What came after the headers."""
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def send(self, status: int, media_type: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """The whole response."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


S = TypeVar("S", bound=Loopback)


@contextmanager
def running(server: S) -> Iterator[S]:
    """A server that answers until the end of the block."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
