"""Serves one ASGI application on a loopback port."""

import contextlib
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from sandbox.kit.misbehave import DroppableProtocol

LOOPBACK = "127.0.0.1"
GRACE = 1


def serve(build: Callable[[str], Starlette], *, port: int, ready: Callable[[str], None]) -> None:
    """Serves `build(address)` until SIGINT or SIGTERM; `ready(address)` is called once it answers.

    Port 0 takes a free one. Raises: OSError for a port that is taken.
    """
    with _listen(port) as listener:
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            build(address),
            loop="uvloop",
            http=DroppableProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        with contextlib.suppress(KeyboardInterrupt):
            _Server(config, lambda: ready(address)).run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells that the server answers."""
        await super().startup(sockets)
        self._ready()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as exc:
        listener.close()
        raise OSError(f"port {port} on {LOOPBACK}: {exc.strerror}") from exc
    return listener
