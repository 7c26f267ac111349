"""Runs the application under uvicorn until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import click
import uvicorn

from gateway.app import build_app
from gateway.settings import Settings

STOPS_WITHIN = 10
"""Seconds that running requests have to finish."""


def run(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Serve until told to stop; `ready` is called with the gateway's address once it takes requests.

    Raises: click.ClickException when the address cannot be bound; what `build_app` raises.
    """
    end_cleanly_on_sigterm()
    listen = settings.gateway.listen
    bound = _bind(listen.host, listen.port)
    config = uvicorn.Config(
        build_app(settings),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=STOPS_WITHIN,
    )
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    server = _Server(config, lambda: ready(f"http://{host}:{bound.getsockname()[1]}"))
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        click.echo("", err=True)
    finally:
        bound.close()


def end_cleanly_on_sigterm() -> None:
    """Let a SIGTERM end the command with status 0, also before and after the server listens to signals itself."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as exc:
        bound.close()
        raise click.ClickException(f"cannot listen at {host}:{port}: {exc.strerror}; choose another --port") from exc
    return bound
