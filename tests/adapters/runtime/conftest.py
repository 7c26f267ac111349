"""All calls of one process over a store in memory, and the department of notes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from opentelemetry.trace import NoOpTracer

from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.replay import Replays
from adapters.runtime.sharing import Shares
from adapters.runtime.store import Store, open_store
from tests.adapters.runtime.notes import Desk


def calls_over(
    store: Store, shares: Shares | None = None, forgotten: Callable[[Sequence[str]], object] = lambda _tags: None
) -> Calls:
    return Calls(RecordCache(store, forgotten), Replays(store), NoOpTracer(), shares or Shares())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    store = open_store("memory://")
    calls = calls_over(store)
    yield calls
    await calls.aclose()
    await store.aclose()
