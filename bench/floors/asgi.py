"""`python -m bench.floors.asgi`: a bare ASGI application under uvicorn, set as `citygate serve` sets it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
import uvloop

from bench.floors import BODY, HOST

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())],
}
_BODY = {"type": "http.response.body", "body": BODY}
Message = MutableMapping[str, Any]


async def hello(
    _scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Read the request's body, and answer."""
    while (await receive()).get("more_body"):
        pass
    await send(dict(_START))
    await send(dict(_BODY))


async def main() -> None:
    """Serve until Ctrl-C; the first line printed is the address."""
    listening = socket.create_server((HOST, 0))
    print(f"http://{HOST}:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(hello, http="httptools", lifespan="off", access_log=False, log_level="warning")
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main())
