"""Asks an ASGI application in the running event loop, with any header lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """Codes of the errors."""
        return [error["extensions"]["code"] for error in self.json.get("errors", ())]


async def ask(
    app: ASGIApp, method: str, path: str, *, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
) -> Answer:
    """One request."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(each.get("body", b"") for each in bodies))


async def graphql(app: ASGIApp, document: str, *headers: tuple[str, str], **variables: Any) -> Answer:
    """One operation by POST."""
    given = [("content-type", "application/json"), ("accept", "application/graphql-response+json"), *headers]
    body = json.dumps({"query": document, "variables": variables}).encode()
    return await ask(app, "POST", "/graphql", headers=given, body=body)
