"""A department that gives back whatever it was sent, in the places where back offices quote their callers."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from html import escape
from urllib.parse import unquote_plus

from tests.servers.loopback import Answer, Loopback, running

SHAPES = ("text", "json", "list", "xml", "headers")
ANSWERS = (
    *((status, shape) for status in (200, 400, 500) for shape in SHAPES),
    *((status, "json") for status in (404, 409, 422, 429, 503)),
)
"""Status and shape of what an echo may answer."""


class Echo(Loopback):
    """Answers everything but a token's request with `status` and the request itself in one of the `SHAPES`."""

    def __init__(self) -> None:
        super().__init__(_Quote)
        self.status, self.shape = 200, "text"
        self.heard: list[str] = []


class _Quote(Answer):
    server: Echo
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.body().decode("utf-8", "replace")
        heard = f"{self.command} {unquote_plus(self.path)} {' '.join(self.headers.values())} {unquote_plus(body)}"
        self.server.heard.append(heard)
        if "token" in self.path:
            self._send(200, json.dumps({"access_token": "t", "token_type": "bearer", "expires_in": 3600}), {})
        elif self.server.shape == "headers":
            said = " ".join(heard.encode("ascii", "backslashreplace").decode().split())[:2000]
            names = ("Retry-After", "X-Road-Error", "Content-Location", "X-CorrelationId", "RateLimit-Reset")
            self._send(self.server.status, "{}", dict.fromkeys(names, said))
        else:
            self._send(self.server.status, _written(heard, self.server.shape), {})

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def _send(self, status: int, text: str, headers: dict[str, str]) -> None:
        self.send(status, "text/xml" if text.startswith("<") else "application/json", text.encode(), headers)


def _written(heard: str, shape: str) -> str:
    if shape == "text":
        return heard
    if shape == "xml":
        return (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
            f"<faultcode>{escape(heard)}</faultcode><faultstring>{escape(heard)}</faultstring>"
            "</s:Fault></s:Body></s:Envelope>"
        )
    quoted = {"code": heard, "message": heard, "description": heard, "type": heard, "title": heard, "detail": heard}
    quoted |= {"errorCode": heard, "errorMessage": heard, "traceId": heard, "name": heard, "reason": heard}
    inner = [dict(quoted)]
    return json.dumps(inner if shape == "list" else {**quoted, "errors": inner, "invalidParams": inner})


def echoing() -> AbstractContextManager[Echo]:
    """A running department that echoes."""
    return running(Echo())
