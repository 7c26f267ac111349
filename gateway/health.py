"""Liveness, and readiness with what is missing: a gateway without its departments still answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PATIENCE = 0.5
REMEMBERED_FOR = 0.2


Answers = Callable[[], Awaitable[bool]]


def health_routes(stores: Mapping[str, Answers], addresses: Mapping[str, str]) -> list[Route]:
    """`/health/live` says that the process answers; `/health/ready` also says what it can reach.

    Readiness is 200 as long as the gateway can answer something, which it can without any department: `missing`
    names what does not take a connection within half a second. `stores` ask whether each of our own is there.
    """

    reach = Recently(lambda: missing(addresses))

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> JSONResponse:
        answers = await asyncio.gather(*(ask() for ask in stores.values()))
        states = {name: "up" if one else "down" for name, one in zip(stores, answers, strict=True)}
        return JSONResponse({"status": "ready", **states, "missing": await reach()})

    return [Route("/health/live", live), Route("/health/ready", ready)]


class Recently:
    """What `ask` gave within the last fifth of a second: however often readiness is asked, a department is not."""

    def __init__(self, ask: Callable[[], Awaitable[list[str]]]) -> None:
        self._ask = ask
        self._asking = asyncio.Lock()
        self._until = float("-inf")
        self._found: list[str] = []

    async def __call__(self) -> list[str]:
        """A recent answer, or a new one."""
        async with self._asking:
            if time.monotonic() >= self._until:
                self._found = await self._ask()
                self._until = time.monotonic() + REMEMBERED_FOR
            return self._found


async def missing(addresses: Mapping[str, str]) -> list[str]:
    """Names of what does not take a connection within half a second."""
    reached = await asyncio.gather(*(_takes_connections(address) for address in addresses.values()))
    return [name for name, up in zip(addresses, reached, strict=True) if not up]


async def _takes_connections(address: str) -> bool:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(PATIENCE):
            _reader, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
