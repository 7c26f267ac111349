"""Processes that share a ledger in memory, with a clock that goes when it is told to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from opentelemetry.trace import NoOpTracer

from adapters.runtime.bound import Bound
from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.ledger import Patience, Worker
from adapters.runtime.store import open_store
from tests.adapters.runtime.ledger.inline import Clock, Inline, ledger_over

KEEP = 90 * 86400.0


class Process:
    """A gateway's process: its calls and its worker, over a ledger that others may share."""

    def __init__(self, connections: Inline, *bounds: Bound, patience: Patience | None = None) -> None:
        self.ledger = ledger_over(connections, patience=patience)
        guards = self.ledger.means.guards
        self.calls = Calls(RecordCache(open_store("memory://")), self.ledger, bounds, NoOpTracer(), guards)
        self.worker = Worker(self.ledger.deliveries, keep=KEEP)
        self.engine = self.ledger.means.engine

    async def turn(self) -> int:
        """Deliver what is due, to the end."""
        count = await self.worker.turn()
        await self.worker.settled()
        return count


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connections(clock: Clock) -> Inline:
    return Inline(clock)


Starts = Callable[..., Process]


@pytest.fixture
def start(connections: Inline) -> Starts:
    def start(*bounds: Bound, patience: Patience | None = None) -> Process:
        return Process(connections, *bounds, patience=patience)

    return start
