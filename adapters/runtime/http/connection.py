"""One connection: a request at a time, and the reply to it."""

from __future__ import annotations

import asyncio
import select
import ssl
from typing import cast

from adapters.contract.errors import BadReply
from adapters.contract.transport import Reply
from adapters.runtime.http.reply import ReplyReader


class Lost(Exception):
    """The connection ended before the reply was whole; `answered` is whether anything of it had come."""

    def __init__(self, *, answered: bool) -> None:
        super().__init__("the connection ended before the reply was whole")
        self.answered = answered


class Connection(asyncio.Protocol):
    """Where requests leave and replies arrive. Who cancels an exchange must `abort` the connection.

    `open` is whether it can still be used, `idle_since` when it was used last, by the event loop's clock;
    `tls` is what it was opened with.
    """

    def __init__(self, largest_reply: int) -> None:
        self._reader = ReplyReader(largest_reply)
        self._waiter: asyncio.Future[Reply] | None = None
        self.open = False
        self._gone = asyncio.Event()
        self.idle_since = 0.0
        self.tls: ssl.SSLContext | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open, or goes on with TLS."""
        self.transport = cast("asyncio.Transport", transport)
        self.open = True

    def exchange(self, data: bytes, *, bodiless: bool = False) -> asyncio.Future[Reply]:
        """Send a request. Its reply; the future fails with BadReply, or with Lost."""
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        self._reader.expect(bodiless=bodiless)
        if self.open:
            self.transport.write(data)
        else:
            self._fail(Lost(answered=False))
        return waiter

    @property
    def reusable(self) -> bool:
        """Whether another request may follow the last reply, which may have come before all was sent."""
        return self.open and self._reader.reusable and not self.transport.get_write_buffer_size()

    @property
    def quiet(self) -> bool:
        """Whether the kernel has nothing that came unasked, such as the department's goodbye."""
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    def data_received(self, data: bytes) -> None:
        """Read on. What nobody has asked for ends the connection."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            self.abort()
            return
        try:
            reply = self._reader.feed(data)
        except BadReply as exc:
            self._fail(exc)
            return
        if reply is not None:
            self._waiter = None
            waiter.set_result(reply)

    def eof_received(self) -> None:
        """The department closes its side, which may be how its reply ends."""
        self.open = False
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        try:
            reply = self._reader.end()
        except BadReply as exc:
            self._fail(exc)
            return
        if reply is not None:
            self._waiter = None
            waiter.set_result(reply)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Nothing more will come."""
        self.open = False
        self._gone.set()
        self._fail(Lost(answered=self._reader.started))

    def _fail(self, error: Exception) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)

    def abort(self) -> None:
        """End it at once: whatever might still come is for nobody, TLS's goodbye included."""
        self.open = False
        self.transport.abort()

    async def gone(self) -> None:
        """Return when the socket is closed."""
        await self._gone.wait()
