"""Old answers: announced, for as long as the manifest says, and never what a write has made old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract.city import Caller
from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from adapters.contract.records import source_of
from adapters.runtime import cache, stale
from adapters.runtime.answers import AnswerCache
from adapters.runtime.call import Calls
from adapters.runtime.store import open_store
from tests.adapters.runtime.notes import Desk, Order, caller

Passes = Callable[[float], None]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Passes:
    """Lets time pass for everything but the store's own, which is longer."""
    ahead = timedelta()

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    def pass_by(seconds: float) -> None:
        nonlocal ahead
        ahead += timedelta(seconds=seconds)

    for module in (cache, stale):
        monkeypatch.setattr(module, "now", now)
    monkeypatch.setattr("adapters.runtime.call.now", now)
    return pass_by


async def ask(calls: Calls, desk: Desk, who: Caller | None = None, **provided: Any) -> tuple[int, bool]:
    """The version that the person gets, and whether it is stale."""
    answer = await calls.read(desk.read(fresh_for="10s", **provided), who or caller("ann"), ["x"])
    source = source_of(answer, "x")
    assert source is not None
    return answer["x"].version, source.stale


async def settle(calls: Calls) -> None:
    await asyncio.gather(*calls._stale._tasks)


@pytest.mark.parametrize(
    "failure",
    [Unavailable("no"), TimedOut("no"), QuotaExceeded("no"), Maintenance("no"), BadReply("no")],
    ids=lambda error: error.kind,
)
async def test_what_is_old_stands_in_for_an_outage_and_says_so(
    calls: Calls, desk: Desk, passes: Passes, failure: AdapterError
) -> None:
    await ask(calls, desk, stale_if_error="1m")
    desk.versions["ann"] = 1
    passes(69)
    desk.failures, who = [failure], caller("ann")
    assert await ask(calls, desk, who, stale_if_error="1m") == (0, True)
    (read,) = who.uses.stale.values()
    assert (read.department, read.operation, read.reason) == ("archive", "notes.of_person", f"ARC_{failure.kind}")
    assert 60 < stale.age(read.as_of) < 80
    assert not who.uses.keep
    assert await ask(calls, desk, stale_if_error="1m") == (1, False), "the outage was not kept"


@pytest.mark.parametrize("failure", [Rejected("no"), NotFound("no"), Unauthorised("no")])
async def test_a_department_that_says_no_is_believed(
    calls: Calls, desk: Desk, passes: Passes, failure: AdapterError
) -> None:
    await ask(calls, desk, stale_if_error="1m")
    passes(11)
    desk.failures = [failure]
    with pytest.raises(type(failure)):
        await ask(calls, desk, stale_if_error="1m")


async def test_what_is_too_old_stands_in_for_nothing(calls: Calls, desk: Desk, passes: Passes) -> None:
    await ask(calls, desk, stale_if_error="1m")
    passes(71)
    desk.failures = [Unavailable("no")]
    with pytest.raises(Unavailable):
        await ask(calls, desk, stale_if_error="1m")


async def test_what_is_old_is_given_at_once_and_asked_for_in_the_background(
    calls: Calls, desk: Desk, passes: Passes
) -> None:
    provided: dict[str, Any] = {"stale_while_revalidate": "1m"}
    await ask(calls, desk, **provided)
    desk.versions["ann"] = 1
    passes(11)
    desk.gate.clear()
    who = caller("ann")
    for _ in range(3):
        assert await ask(calls, desk, who, **provided) == (0, True)
    assert [read.reason for read in who.uses.stale.values()] == [stale.REVALIDATING]
    for _ in range(2):
        await desk.begun.acquire()
    assert len(desk.calls) == 2, "once, however many ask"
    desk.gate.set()
    await settle(calls)
    assert await ask(calls, desk, **provided) == (1, False)
    passes(71)
    desk.versions["ann"] = 2
    assert await ask(calls, desk, **provided) == (2, False), "for a minute, and no longer"


async def test_nobody_hears_of_a_failure_in_the_background(calls: Calls, desk: Desk, passes: Passes) -> None:
    provided: dict[str, Any] = {"stale_while_revalidate": "1m"}
    await ask(calls, desk, **provided)
    passes(11)
    for failure in (Unavailable("no"), KeyError("ann")):
        desk.failures = [failure]
        assert await ask(calls, desk, **provided) == (0, True)
        await settle(calls)
    assert len(desk.calls) == 3, "and the next one asks again"


async def test_a_write_makes_what_is_old_unusable(calls: Calls, desk: Desk, passes: Passes) -> None:
    provided: dict[str, Any] = {"stale_if_error": "1m", "stale_while_revalidate": "1m"}
    await ask(calls, desk, **provided)
    passes(11)
    await calls.write(desk.write(), caller("ann"), Order(text="x"))
    desk.failures = [Unavailable("no")]
    with pytest.raises(Unavailable):
        await ask(calls, desk, **provided)


async def test_so_does_one_that_comes_while_the_department_is_asked(calls: Calls, desk: Desk, passes: Passes) -> None:
    await ask(calls, desk, stale_if_error="1m")
    passes(11)
    desk.failures = [Unavailable("no")]
    desk.begun, gate = asyncio.Semaphore(0), desk.gate
    gate.clear()
    reading = asyncio.create_task(ask(calls, desk, stale_if_error="1m"))
    await desk.begun.acquire()
    desk.gate = asyncio.Event()
    desk.gate.set()
    await calls.write(desk.write(), caller("ann"), Order(text="x"))
    gate.set()
    with pytest.raises(Unavailable):
        await reading


async def test_several_keys_are_old_together_or_not_at_all(calls: Calls, desk: Desk, passes: Passes) -> None:
    read = desk.read(fresh_for="10s", stale_if_error="1m", stale_while_revalidate="1m")
    await calls.read(read, caller("ann"), ["x", "y"])
    passes(11)
    desk.failures = [Unavailable("no")]
    with pytest.raises(Unavailable):
        await calls.read(read, caller("ann"), ["x", "y", "new"])
    assert set(await calls.read(read, caller("ann"), ["x", "y", "new"])) == {"x", "y", "new"}
    assert [keys for _, keys in desk.calls[1:]] == [("x", "y", "new")] * 2


async def test_absence_may_be_old_too(calls: Calls, desk: Desk, passes: Passes) -> None:
    desk.absent = {"x"}
    read = desk.read(fresh_for="10s", stale_if_error="1m")
    await calls.read(read, caller("ann"), ["x"])
    passes(11)
    desk.failures = [Unavailable("no")]
    answer = await calls.read(read, caller("ann"), ["x"])
    assert (answer, source_of(answer, "x").stale) == ({}, True)  # type: ignore[union-attr]


async def test_nobody_gets_what_is_old_for_somebody_else(calls: Calls, desk: Desk, passes: Passes) -> None:
    await ask(calls, desk, caller("ann"), stale_if_error="1m", stale_while_revalidate="1m")
    passes(11)
    desk.failures = [Unavailable("no")]
    with pytest.raises(Unavailable):
        await ask(calls, desk, caller("bea"), stale_if_error="1m", stale_while_revalidate="1m")


async def test_a_whole_answer_with_something_old_is_not_kept(calls: Calls, desk: Desk, passes: Passes) -> None:
    answers = AnswerCache(open_store("memory://"), shared=False)
    who = caller("ann")
    await ask(calls, desk, who, stale_while_revalidate="1m")
    assert await answers.put("fresh", b"{}", who.uses) is not None
    passes(11)
    late = caller("ann")
    await ask(calls, desk, late, stale_while_revalidate="1m")
    assert await answers.put("stale", b"{}", late.uses) is None


async def test_closing_ends_what_nobody_waits_for(calls: Calls, desk: Desk, passes: Passes) -> None:
    await ask(calls, desk, stale_while_revalidate="1m")
    passes(11)
    desk.gate.clear()
    await ask(calls, desk, stale_while_revalidate="1m")
    await asyncio.sleep(0)
    await calls.aclose()
    assert not calls._stale._tasks
