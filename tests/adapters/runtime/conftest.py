"""All calls of one process over a store in memory, and the department of notes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.policy import BreakerPolicy, CallPolicy, RetryPolicy
from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.replay import Replays
from adapters.runtime.stages.guards import Guards
from adapters.runtime.store import Store, open_store
from tests.adapters.runtime.notes import Desk


def calls_over(store: Store, policy: CallPolicy | None = None) -> Calls:
    """Without a policy, a call that fails is not repeated, and the breaker is patient."""
    patient = CallPolicy(retries=RetryPolicy(at_most=0), breaker=BreakerPolicy(failures=1000))
    return Calls(RecordCache(store), Replays(store), NoOpTracer(), Guards({"archive": policy or patient}))


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
