"""All calls of one process over a store in memory and a ledger in a file, and the department of notes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from opentelemetry.trace import NoOpTracer

from adapters.runtime.bound import Bound
from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.ledger import Ledger, Means, Papers, open_engine, open_sealer
from adapters.runtime.stages.guards import Guards
from adapters.runtime.store import Store, open_store
from tests.adapters.runtime.notes import PATIENT, Desk


def ledger_in(folder: Path) -> Ledger:
    url = f"sqlite://{folder / 'ledger.db'}"
    guards = Guards({"archive": PATIENT})
    return Ledger(Means(open_engine(url), Papers(open_sealer(url, ())), NoOpTracer(), guards=guards))


@asynccontextmanager
async def calls_over(store: Store, folder: Path, bounds: Iterable[Bound] = ()) -> AsyncIterator[Calls]:
    ledger = ledger_in(folder)
    calls = Calls(RecordCache(store), ledger, bounds, NoOpTracer(), Guards({"archive": PATIENT}))
    try:
        yield calls
    finally:
        await calls.aclose()
        await ledger.aclose()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    store = open_store("memory://")
    async with calls_over(store, tmp_path) as calls:
        yield calls
    await store.aclose()
