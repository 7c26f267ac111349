"""A name that leaves the person out is a refusal and a count, and no leak: what is handed over says whose it is."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

import pytest

from adapters.runtime import cache as cache_module
from adapters.runtime.cache import names_here
from adapters.runtime.call import Calls
from adapters.runtime.sharing import SharedAcross, SharingKey
from adapters.runtime.store import open_store
from tests.adapters.runtime.ledger.inline import calls_on
from tests.adapters.runtime.notes import Desk, caller


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """All calls of a process whose names are the same for everybody."""

    def weakened(bound: Any, _sharing: SharingKey, variant: tuple[str, ...], keys: Any) -> dict[Hashable, str]:
        return names_here(bound, SharingKey("anybody"), variant, keys)

    monkeypatch.setattr(cache_module, "names_here", weakened)
    return calls_on(open_store("memory://"))


async def test_a_record_that_was_kept_for_somebody_else_is_refused(calls: Calls, desk: Desk) -> None:
    mine = desk.read(fresh_for="1m")
    assert (await calls.read(mine, caller("ann"), ["x", "y"]))["x"].owner == "ann"
    with pytest.raises(SharedAcross):
        await calls.read(mine, caller("bea"), ["y", "z"])
    assert calls.shares.refused == {"record cache": 1}
    assert (await calls.read(mine, caller("ann"), ["x"]))["x"].owner == "ann"
    assert calls.shares.refused.total() == 1


async def test_a_call_that_was_begun_for_somebody_else_is_refused(calls: Calls, desk: Desk) -> None:
    mine = desk.read()
    desk.gate.clear()
    first = asyncio.create_task(calls.read(mine, caller("ann"), ["x"]))
    await desk.begun.acquire()
    second = asyncio.create_task(calls.read(mine, caller("bea"), ["x"]))
    await asyncio.sleep(0)
    desk.gate.set()
    assert (await first)["x"].owner == "ann"
    with pytest.raises(SharedAcross):
        await second
    assert calls.shares.refused == {"shared call": 1}
    assert desk.calls == [("ann", ("x",))]


async def test_another_ground_is_somebody_else(calls: Calls, desk: Desk) -> None:
    mine, acting = desk.read(fresh_for="1m"), caller("shop", actor="ann", basis="officer")
    await calls.read(mine, caller("shop"), ["x"])
    with pytest.raises(SharedAcross):
        await calls.read(mine, acting, ["x"])
    assert calls.shares.refused.total() == 1


async def test_what_is_public_is_everybodys(desk: Desk) -> None:
    calls = calls_on(open_store("memory://"))
    public = desk.read("notes.listed", personal="public", fresh_for="1m")
    for person in ("ann", "bea", None):
        assert (await calls.read(public, caller(person), ["x"]))["x"].owner is None
    assert (len(desk.calls), calls.shares.refused.total()) == (1, 0)
