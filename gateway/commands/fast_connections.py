"""A client's connection that asks the fast lane before it takes a request apart."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from gateway.commands.connections import Connection
from gateway.fast_lane import ASKED, EXTENSION, LONGEST_REQUEST, UNLIMITED, Allowance, Asked, FastLane


class FastConnection(Connection):
    """Answers what comes in one piece between two requests and has an answer in the lane; all else as ever.

    Rests on more of uvicorn's class than its parent: see docs/decisions/0016-the-fast-lane.md.
    """

    lane: FastLane

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._between_requests = True
        self._begun = 0
        self._answered_fast = False
        self._allowance: Allowance = UNLIMITED

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """As asyncio says."""
        super().connection_made(transport)
        self._allowance = self.lane.allowance_of(self.client[0] if self.client else "")

    def data_received(self, data: bytes) -> None:
        """As asyncio says."""
        if not self._between_requests or len(data) > LONGEST_REQUEST:
            super().data_received(data)
            return
        answer = self.lane.find(data, self._allowance)
        if answer is not None and self._has_room():
            self._begin_keep_alive()
            self.server_state.total_requests += 1
            self.transport.write(self.lane.response(answer, self.server_state.default_headers))
            return
        begun = self._begun
        super().data_received(data)
        if self._between_requests and self._begun == begun + 1:  # one request, whole; its task has not run yet
            self.scope["extensions"] = {EXTENSION: {ASKED: Asked(data)}}

    def on_message_begin(self) -> None:
        """As httptools says."""
        self._between_requests = False
        self._begun += 1
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """As httptools says."""
        self._between_requests = True
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """As uvicorn says. The timer is not set anew for each fast answer, but once, when it goes off."""
        if self._answered_fast:
            self._set_keep_alive()
        else:
            super().timeout_keep_alive_handler()

    def _has_room(self) -> bool:
        """Whether an answer may leave now: none is before it, the client takes what it gets, the server has room."""
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        if self.flow.write_paused or self.transport.is_closing():
            return False
        most = self.limit_concurrency
        return most is None or (len(self.connections) < most and len(self.tasks) < most)

    def _begin_keep_alive(self) -> None:
        self._head_since = None
        self._answered_fast = True
        if self.timeout_keep_alive_task is None:
            self._set_keep_alive()

    def _set_keep_alive(self) -> None:
        self._answered_fast = False
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)


def connection_class(
    lane: FastLane | None, *, head_seconds: float | None = None, most_per_address: int = 0
) -> type[Connection]:
    """The class of connections for an application with this lane, or without one; see `Connection` for the bounds."""
    bounds: dict[str, Any] = {"most_per_address": most_per_address, "peers": Counter()}
    if head_seconds is not None:
        bounds["head_seconds"] = head_seconds
    if lane is None:
        return type("BoundedConnection", (Connection,), bounds)
    return type("FastConnection", (FastConnection,), {**bounds, "lane": lane})
