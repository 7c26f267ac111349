"""Serves one ASGI application on a loopback port and ends with its parent."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from sandbox.kit.misbehave import DroppableProtocol

LOOPBACK = "127.0.0.1"
GRACE = 1


def serve(
    build: Callable[[str], Starlette], *, port: int, ready: Callable[[str], None], with_parent: bool = False
) -> None:
    """Serves `build(address)` until SIGINT or SIGTERM; `ready(address)` is called once it answers.

    Port 0 takes a free one. `with_parent` ends the process when its standard input closes, which happens
    when the process that holds the other end dies, however it dies.
    """
    if with_parent:
        threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
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
    listener.bind((LOOPBACK, port))
    return listener


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort an interpreter that ends early.
    while os.read(0, 1024):
        pass
    threading.Timer(2 * GRACE, os._exit, (1,)).start()
    os.kill(os.getpid(), signal.SIGTERM)
