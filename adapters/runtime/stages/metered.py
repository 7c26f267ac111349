"""A department's transport behind its quota: each request is counted, and each reply heard."""

from __future__ import annotations

from adapters.contract.transport import Reply, Request, Transport
from adapters.runtime.stages.quota import QuotaMeter


class MeteredTransport:
    """`Transport`. What is no business call (an OAuth 2.0 token) is not counted."""

    def __init__(self, inner: Transport, meter: QuotaMeter) -> None:
        self._inner, self._meter = inner, meter

    async def send(self, request: Request) -> Reply:
        """As the contract says. Raises also: QuotaExceeded, when the department would refuse."""
        if not request.counts:
            return await self._inner.send(request)
        meter = self._meter
        meter.begin()
        try:
            reply = await self._inner.send(request)
        finally:
            meter.under_way -= 1
        meter.heard(reply.headers)
        return reply
