"""Round trips to a Redis or Valkey server or cluster: bounded in time, every failure one kind of error."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError, ResponseError

from adapters.runtime.store.contract import StoreUnavailable

Command = tuple[bytes | str | int, ...]

# Seconds for which nothing but drops is tried after the server was not reached: a server that swallows
# packets then costs one request its timeout and not every request.
REST = 0.5
# A connection that redis-py closes while it is being made (a cluster's, when many are) has no writer: AttributeError.
_FAILURES = (RedisError, RedisClusterException, OSError, EOFError, TimeoutError, AttributeError)


class Wire:
    """Sends commands and waits at most `timeout` seconds for all their replies, `connections` callers at once.

    Every method but `aclose` raises `StoreUnavailable`, which names the server and the kinds of error and
    nothing else: redis-py quotes commands in its messages, and with them keys and values.
    """

    def __init__(self, client: Redis | RedisCluster, *, shown: str, timeout: float, connections: int) -> None:
        self._client = client
        self._shown = shown
        self._timeout = timeout
        # A cluster's client fails when it runs out of connections; here callers wait for their turn.
        self._turns = asyncio.Semaphore(connections)
        self._rests_until = 0.0
        self._closed = False

    def check(self) -> None:
        """Fail at once while the server is not worth a try."""
        if time.monotonic() < self._rests_until:
            raise StoreUnavailable(f"{self._shown}: was not reached a moment ago")

    async def read(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """Return the strings behind the keys, in one round trip."""
        if len(keys) == 1 or isinstance(self._client, RedisCluster):
            # Keys of different slots must not meet in one command.
            return await self.send([("GET", key) for key in keys])
        return list((await self.send([("MGET", *keys)]))[0]) if keys else []

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Return the commands' replies, in one round trip per server."""
        if self._closed:
            raise StoreUnavailable(f"{self._shown}: the store is closed")
        begun = False
        try:
            async with asyncio.timeout(self._timeout), self._turns:
                begun = True
                replies = await self._round_trip(commands)
        except _FAILURES as exc:
            if begun and not isinstance(exc, ResponseError):
                self._rests_until = time.monotonic() + REST
            raise StoreUnavailable(f"{self._shown}: {_kinds(exc) if begun else 'too many callers'}") from None
        self._rests_until = 0.0
        return replies

    async def pages(self, pattern: bytes, size: int) -> AsyncIterator[list[bytes]]:
        """Yield all keys that match, of all servers, at most `size` at a time; each page has its own timeout."""
        keys = self._client.scan_iter(match=pattern, count=size)
        while page := await self._page(keys, size):
            yield page

    async def _page(self, keys: AsyncIterator[bytes], size: int) -> list[bytes]:
        page: list[bytes] = []
        try:
            async with asyncio.timeout(self._timeout):
                async for key in keys:
                    page.append(key)
                    if len(page) == size:
                        break
        except _FAILURES as exc:
            raise StoreUnavailable(f"{self._shown}: {_kinds(exc)}") from None
        return page

    async def aclose(self) -> None:
        """Close all connections."""
        if not self._closed:
            self._closed = True
            await self._client.aclose()

    async def _round_trip(self, commands: Sequence[Command]) -> list[Any]:
        if len(commands) < 2:
            return [await self._client.execute_command(*command) for command in commands]
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return await pipeline.execute()


def _kinds(exc: BaseException) -> str:
    kinds = [type(exc).__name__]
    while (cause := exc.__cause__ or exc.__context__) is not None:
        exc = cause
        kinds.append(type(exc).__name__)
    return " after ".join(dict.fromkeys(kinds))
