"""From a host's name to a connected socket, whichever of its addresses answers first."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any, TypeAlias

REMEMBERED_SECONDS = 10.0
HEAD_START = 0.25
"""Seconds that an address has before the next is tried as well (RFC 8305, 5)."""
Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]


class Addresses:
    """A host's addresses, looked up once for all who wait, and remembered for a while."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._found: Sequence[Address] = ()
        self._until = 0.0
        self._lookup: asyncio.Task[Sequence[Address]] | None = None

    async def get(self) -> Sequence[Address]:
        """The best first. Raises: OSError (socket.gaierror)."""
        if asyncio.get_running_loop().time() < self._until:
            return self._found
        if self._lookup is None:
            self._lookup = asyncio.create_task(self._ask())
            self._lookup.add_done_callback(self._keep)
        return await asyncio.shield(self._lookup)  # for the others who wait

    def forget(self) -> None:
        """Look them up again next time: they did not help."""
        self._until = 0.0

    async def _ask(self) -> Sequence[Address]:
        kind = socket.SOCK_STREAM
        try:
            return socket.getaddrinfo(self._host, self._port, type=kind, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:  # a name
            return await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=kind)

    def _keep(self, lookup: asyncio.Task[Sequence[Address]]) -> None:
        self._lookup = None
        if not lookup.cancelled() and lookup.exception() is None:
            self._found = _alternating(lookup.result())
            self._until = asyncio.get_running_loop().time() + REMEMBERED_SECONDS


def _alternating(found: Sequence[Address]) -> Sequence[Address]:
    """IPv6 and IPv4 in turn, so that one of them that leads nowhere costs one head start."""
    first = [each for each in found if each[0] == found[0][0]]
    others = [each for each in found if each[0] != found[0][0]]
    return [each for each in chain.from_iterable(zip_longest(first, others)) if each]


async def open_socket(addresses: Sequence[Address]) -> socket.socket:
    """A socket that is connected to one of the addresses. Raises: OSError of the last that failed."""
    if len(addresses) == 1:
        return await _connected(addresses[0])
    waiting, running = list(addresses), set[asyncio.Task[socket.socket]]()
    failure = OSError("the name has no address")
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_connected(waiting.pop(0))))
            patience = HEAD_START if waiting else None
            done, _ = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.discard(task)
                if (error := task.exception()) is None:
                    return task.result()
                if not isinstance(error, OSError):
                    raise error
                failure = error
    finally:
        for task in running:
            task.add_done_callback(_close)
            task.cancel()
    raise failure


async def _connected(address: Address) -> socket.socket:
    family, kind, protocol, _, where = address
    made = socket.socket(family, kind, protocol)
    try:
        made.settimeout(0)
        await asyncio.get_running_loop().sock_connect(made, where)
    except BaseException:
        made.close()
        raise
    return made


def _close(late: asyncio.Task[socket.socket]) -> None:
    if not late.cancelled() and late.exception() is None:
        late.result().close()
