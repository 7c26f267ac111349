"""The connections to one department: how many at once, which are kept, and what may be sent twice."""

from __future__ import annotations

import asyncio

from adapters.contract.errors import Interrupted
from adapters.contract.transport import Reply
from adapters.runtime.http.connection import Connection, Lost
from adapters.runtime.http.dial import Dial
from adapters.runtime.http.places import Places

IDLE_SECONDS = 4.0
"""Shorter than the 5 seconds after which common servers close an idle connection."""
REPEATABLE = frozenset({"GET", "HEAD"})


class Pool:
    """At most `limit` exchanges, and as many connections, at once; who comes first is served first.

    A department may close a kept connection at the very moment when it is used again. A GET (or HEAD), which
    changes nothing, is then sent once more, over a new connection. Anything else is sent at most once: the
    department may have acted on it.
    """

    def __init__(self, dial: Dial, limit: int) -> None:
        self._dial = dial
        self._places = Places(limit)
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._sweeping: asyncio.TimerHandle | None = None

    async def exchange(self, method: str, data: bytes) -> Reply:
        """Send a request, and read the whole reply. Cancelling it ends the connection.

        Raises: Unreachable when nothing was sent; Interrupted; BadReply.
        """
        places = self._places
        if places.free:
            places.free -= 1
        else:
            await places.wait()
        try:
            return await self._exchange(method, data)
        except Lost as exc:
            raise Interrupted("the connection to the department broke") from exc
        finally:
            places.release()

    async def _exchange(self, method: str, data: bytes) -> Reply:
        repeatable, bodiless = method in REPEATABLE, method == "HEAD"
        connection, kept = self._take(certain=not repeatable), True
        while True:
            if connection is None:
                connection, kept = await self._dial.connect(), False
                self._connections.add(connection)
            try:
                reply = await connection.exchange(data, bodiless=bodiless)
            except BaseException as exc:
                self._drop(connection)
                if not (kept and repeatable and isinstance(exc, Lost)) or exc.answered:
                    raise
                connection = None
            else:
                break
        if connection.reusable:
            self._keep(connection)
        else:
            self._drop(connection)
        return reply

    def _take(self, *, certain: bool) -> Connection | None:
        """The connection that was used last, so that those which are too many grow old; none of a replaced certificate.

        `certain` asks the kernel, too, whether it is still open: for a request that cannot be sent twice.
        """
        oldest, tls = asyncio.get_running_loop().time() - IDLE_SECONDS, self._dial.tls
        while self._idle:
            connection = self._idle.pop()
            young = connection.idle_since > oldest and connection.tls is tls
            if connection.open and young and (not certain or connection.quiet):
                return connection
            self._drop(connection)
        return None

    def _keep(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweeping is None:
            self._sweeping = loop.call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = None
        oldest = loop.time() - IDLE_SECONDS
        kept = [each for each in self._idle if each.open and each.idle_since > oldest]
        for connection in set(self._idle).difference(kept):
            self._drop(connection)
        self._idle = kept
        if kept:
            self._sweeping = loop.call_at(kept[0].idle_since + IDLE_SECONDS, self._sweep)

    def _drop(self, connection: Connection) -> None:
        connection.abort()
        self._connections.discard(connection)

    async def aclose(self) -> None:
        """End all connections, used or not."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        open_connections, self._connections, self._idle = self._connections, set(), []
        for connection in open_connections:
            connection.abort()
        for connection in open_connections:
            await connection.gone()
