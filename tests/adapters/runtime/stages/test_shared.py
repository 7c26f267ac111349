"""What one process learns of a department, the others on the same store know within a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.contract.errors import Unavailable
from adapters.contract.policy import CallPolicy
from adapters.runtime.stages.guards import Guards
from adapters.runtime.stages.shared import Note
from adapters.runtime.store import Entry, Store, StoreUnavailable, open_store
from tests.adapters.runtime.stages.test_guard import BREAKER, NEVER_AGAIN, Office, outcome
from tests.adapters.runtime.store.conftest import with_options
from tests.servers.valkey import valkey_server, valkey_url

__all__ = ["valkey_server", "valkey_url"]


@pytest.fixture(params=["sqlite", pytest.param("valkey", marks=pytest.mark.redis)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "valkey":
        url = with_options(request.getfixturevalue("valkey_url"))
    else:
        url = f"sqlite://{tmp_path}/store.db?timeout=5s"
    store = open_store(url)
    yield store
    await store.aclose()


async def let_others_know(guards: Guards, others: Guards) -> None:
    """What happens within a second while calls come in."""
    for each in (guards, others):
        assert each._shared is not None
        await asyncio.gather(*each._shared._tasks)
        each._shared._look_at = 0.0


async def test_a_breaker_that_opens_and_closes_does_so_in_the_other_processes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = CallPolicy(breaker=BREAKER, retries=NEVER_AGAIN)
    here, there = Guards({"archive": policy}, shared=store), Guards({"archive": policy}, shared=store)
    office = Office([Unavailable("no")] * 2)
    for _ in range(2):
        await outcome(here.of("archive"), office)
    await let_others_know(here, there)
    await outcome(there.of("archive"), office)  # looks, and does not wait for what it will find
    await let_others_know(here, there)
    assert (await outcome(there.of("archive"), office), office.calls) == ("UNAVAILABLE", 3)
    here.of("archive").breaker.open(0.0)
    assert await outcome(here.of("archive"), office) == "ANSWER"
    await let_others_know(here, there)
    await outcome(there.of("archive"), office)
    await let_others_know(here, there)
    assert (await outcome(there.of("archive"), office), office.calls) == ("ANSWER", 5)
    for each in (here, there):
        await each.aclose()


async def test_without_a_store_each_process_knows_its_own() -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            async def refuse(*_arguments: Any) -> Any:
                raise StoreUnavailable(name)

            return refuse

    guards = Guards({"archive": CallPolicy(breaker=BREAKER)}, shared=Away())
    office = Office([Unavailable("no")] * 2)
    for _ in range(2):
        await outcome(guards.of("archive"), office)
    await let_others_know(guards, guards)
    assert (await outcome(guards.of("archive"), office), office.calls) == ("UNAVAILABLE", 2)
    await guards.aclose()


async def test_what_is_no_note_or_an_old_one_changes_nothing(store: Store) -> None:
    guards = Guards({"archive": CallPolicy(breaker=BREAKER)}, shared=store)
    shared, office = guards._shared, Office()
    assert shared is not None
    for value in (b"junk", msgspec.msgpack.encode(Note(0.0, time.time() + 60)), msgspec.msgpack.encode(Note(1.0, 1.0))):
        await store.put_many([Entry("breaker:archive", value, 60)])
        assert await outcome(guards.of("archive"), office) == "ANSWER"
        await asyncio.gather(*shared._tasks)
        shared._look_at = 0.0
    assert guards.of("archive").breaker.state == "closed"
    await guards.aclose()
