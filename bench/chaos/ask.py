"""One request and its answer, over a connection of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from bench.chaos.question import LOCALE, Person, document
from bench.malformed.request import http

PATIENCE = 30.0
"""Seconds after which an answer is given up."""
NOTHING = (0, b"")
"""The status and body of an answer that did not come."""


async def exchange(address: str, raw: bytes) -> tuple[int, bytes]:
    """The status and the body that come back for a request; `NOTHING` when none comes."""
    where = urlsplit(address)
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            try:
                writer.write(raw)
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return NOTHING
    return (int(head.split()[1]), body) if head.startswith(b"HTTP/1.1 ") else NOTHING


async def ask(address: str, person: Person, departments: Iterable[str]) -> tuple[int, bytes]:
    """The answer to a person's home screen with the parts of some departments."""
    headers = {
        "Authorization": f"Bearer {person.token}",
        "Accept-Language": LOCALE,
        "Content-Type": "application/json",
        "Connection": "close",
    }
    body = json.dumps({"query": document(departments)}).encode()
    return await exchange(address, http("POST", "/graphql", headers, body))


async def store_is_up(address: str) -> bool:
    """Whether a gateway says that it reaches its store."""
    status, body = await exchange(address, http("GET", "/health/ready", {"Connection": "close"}))
    return status == 200 and json.loads(body)["store"] == "up"
