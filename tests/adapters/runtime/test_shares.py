"""A name that leaves the person out is a refusal and a count, and no leak: what is handed over says whose it is."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

import pytest

from adapters.runtime import call as call_module
from adapters.runtime.cache import names_of
from adapters.runtime.call import Calls
from adapters.runtime.sharing import SharedAcross, Shares, SharingKey
from adapters.runtime.store import open_store
from tests.adapters.runtime.ledger.inline import calls_on
from tests.adapters.runtime.notes import Desk, caller


@pytest.fixture
def shares() -> Shares:
    return Shares()


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch, shares: Shares) -> Calls:
    """All calls of a process whose names are the same for everybody."""

    def weakened(bound: Any, _sharing: SharingKey, variant: tuple[str, ...], keys: Any) -> dict[Hashable, str]:
        return names_of(bound, SharingKey("anybody"), variant, keys)

    monkeypatch.setattr(call_module, "names_of", weakened)
    return calls_on(open_store("memory://"), shares)


async def test_a_record_that_was_kept_for_somebody_else_is_refused(weak: Calls, desk: Desk, shares: Shares) -> None:
    mine = desk.read(fresh_for="1m")
    assert (await weak.read(mine, caller("ann"), ["x", "y"]))["x"].owner == "ann"
    with pytest.raises(SharedAcross):
        await weak.read(mine, caller("bea"), ["y", "z"])
    assert shares.refused == {"record cache": 1}
    assert (await weak.read(mine, caller("ann"), ["x"]))["x"].owner == "ann"
    assert shares.refused.total() == 1


async def test_a_call_that_was_begun_for_somebody_else_is_refused(weak: Calls, desk: Desk, shares: Shares) -> None:
    mine = desk.read()
    desk.gate.clear()
    first = asyncio.create_task(weak.read(mine, caller("ann"), ["x"]))
    await desk.begun.acquire()
    second = asyncio.create_task(weak.read(mine, caller("bea"), ["x"]))
    await asyncio.sleep(0)
    desk.gate.set()
    assert (await first)["x"].owner == "ann"
    with pytest.raises(SharedAcross):
        await second
    assert shares.refused == {"shared call": 1}
    assert desk.calls == [("ann", ("x",))]


async def test_another_ground_is_somebody_else(weak: Calls, desk: Desk, shares: Shares) -> None:
    mine, acting = desk.read(fresh_for="1m"), caller("shop", actor="ann", basis="officer")
    await weak.read(mine, caller("shop"), ["x"])
    with pytest.raises(SharedAcross):
        await weak.read(mine, acting, ["x"])
    assert shares.refused.total() == 1


async def test_what_is_public_is_everybodys(desk: Desk, shares: Shares) -> None:
    calls = calls_on(open_store("memory://"), shares)
    public = desk.read("notes.listed", personal="public", fresh_for="1m")
    for person in ("ann", "bea", None):
        assert (await calls.read(public, caller(person), ["x"]))["x"].owner is None
    assert (len(desk.calls), shares.refused.total()) == (1, 0)
