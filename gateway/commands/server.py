"""One process of the gateway under uvicorn: its sockets, its bounds, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import click
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.contract.manifest import seconds
from gateway import logs
from gateway.app import build_app
from gateway.board import Page
from gateway.commands.fast_connections import connection_class
from gateway.commands.seldom import Seldom
from gateway.garbage import COLLECTOR
from gateway.settings import Listen, Settings

STOPS_WITHIN = 10
"""Seconds that running requests have to finish."""
LINGERS = 5.0
"""Seconds in which a process that hands over still answers on kept connections, and closes each with an answer."""
KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than proxies keep theirs, so that we never close one under them."""
OTHER_FILES = 1024
"""Files that are kept free for departments and store, beside those of clients' connections."""
LOOKS_EVERY = 60.0
"""Seconds after which it is seen whether what is frozen has become too much."""
STALLED_MS = 30_000
"""Milliseconds after which the kernel gives up on a client that takes nothing of what was sent."""


def run(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Serve in this process until told to stop; `ready` gets the gateway's address once it takes requests.

    Raises: click.ClickException when the address cannot be bound; what `build_app` raises.
    """
    logs.install()
    end_cleanly_on_sigterm()
    signal.signal(signal.SIGHUP, _cannot_reload)
    (bound,) = bind(settings.gateway.listen, 1)
    server = Server(settings, lambda: ready(address_of(bound)))
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


class Server(uvicorn.Server):
    """uvicorn with this project's settings, which says when it is ready and can hand over to another process.

    Raises: what `build_app` raises.
    """

    def __init__(self, settings: Settings, ready: Callable[[], None], page: Page | None = None) -> None:
        app, listen = build_app(settings, page), settings.gateway.listen
        self._fast_lane = app.fast_lane
        self._front = _Switch(app)
        self._ready = ready
        self._lingers = False
        super().__init__(
            uvicorn.Config(
                self._front,
                loop="uvloop",
                http=connection_class(
                    self._fast_lane,
                    head_seconds=seconds(listen.head_timeout),
                    most_per_address=listen.connections_per_address,
                ),
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_room(listen.connections),
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=STOPS_WITHIN,
            )
        )
        logging.getLogger("uvicorn.error").addFilter(Seldom())

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn says."""
        asyncio.get_running_loop().set_exception_handler(logs.on_loop_error)
        await super().startup(sockets)
        COLLECTOR.begin()
        asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)
        if self.started:
            self._ready()

    def _look(self) -> None:
        COLLECTOR.look()
        asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def hand_over(self) -> None:
        """Stop so that nothing is lost, while another process listens on the same sockets."""
        self._lingers = self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn says. A signal ends the lingering, too."""
        self._lingers = False
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn says, which closes idle connections at once: a request may be on its way on one of them."""
        for server in self.servers:
            server.close()
        self._front.ends_connections = True
        if self._fast_lane is not None:
            self._fast_lane.close()
        until = time.monotonic() + LINGERS
        while self._lingers and self.server_state.connections and time.monotonic() < until:  # noqa: ASYNC110  # a plain set
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


class _Switch:
    """The application behind a switch: with `ends_connections`, each answer is the last on its connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.ends_connections = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, _ending(send) if self.ends_connections else send)


def _ending(send: Send) -> Send:
    async def ending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return ending


def bind(listen: Listen, count: int) -> list[socket.socket]:
    """Sockets at one address, bound and not yet listening; the kernel spreads connections over those that listen.

    The first is bound without sharing, and so refuses an address that another program has.
    Raises: click.ClickException when the address cannot be bound.
    """
    first = _bound(listen, listen.port, shared=False)
    if count == 1:
        return [first]
    port = first.getsockname()[1]
    first.close()
    return [_bound(listen, port, shared=True) for _ in range(count)]


def bind_again(listen: Listen, port: int) -> socket.socket:
    """One more socket at a shared address. Raises: click.ClickException when it cannot be bound."""
    return _bound(listen, port, shared=True)


def address_of(bound: socket.socket) -> str:
    """The address of a socket as a URL."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(listen: Listen, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if sys.platform == "linux":
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MS)  # accepted sockets inherit it
    try:
        bound.bind((listen.host, port))
    except OSError as exc:
        bound.close()
        raise click.ClickException(
            f"cannot listen at {listen.host}:{port}: {exc.strerror}; choose another --port"
        ) from exc
    return bound


def _room(connections: int) -> int:
    """How many connections this process may have of those wanted, after asking for as many open files as that takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(connections, max(soft - OTHER_FILES, soft // 2))


def _cannot_reload(_number: int, _frame: FrameType | None) -> None:
    click.echo("citygate: SIGHUP: one process alone cannot reload; restart it, or run several workers", err=True)
