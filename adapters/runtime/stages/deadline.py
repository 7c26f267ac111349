"""The deadline travels: a department that takes it is told how long an answer is waited for."""

from __future__ import annotations

import asyncio
import math

import msgspec

from adapters.contract.transport import Reply, Request, Transport, current_call

PREFER = "prefer"


class DeadlineTransport:
    """`Transport` that adds a header field to each request of a call that has a deadline.

    `Prefer: wait=2` has whole seconds (RFC 7240, 4.3), never more than are left; any other field has milliseconds.
    """

    def __init__(self, inner: Transport, header: str) -> None:
        self._inner, self._header = inner, header

    async def send(self, request: Request) -> Reply:
        """As the contract says."""
        left = current_call().until - asyncio.get_running_loop().time()
        if left < math.inf:
            field = {self._header: self._value(max(0.0, left))}
            request = msgspec.structs.replace(request, headers={**request.headers, **field})
        return await self._inner.send(request)

    def _value(self, left: float) -> str:
        return f"wait={int(left)}" if self._header.lower() == PREFER else str(int(left * 1000))
