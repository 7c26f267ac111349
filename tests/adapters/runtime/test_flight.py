"""Callers who ask the same at the same time share one call, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from adapters.contract.errors import Rejected, Unavailable
from adapters.runtime.flight import SingleFlight


class Asked:
    """Answers each name with the number of the call; waits while the gate is closed."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.bad: dict[str, Exception] = {}
        self.gate = asyncio.Event()
        self.cancelled = 0

    async def __call__(self, names: Sequence[str]) -> Mapping[str, int]:
        self.calls.append(list(names))
        number = len(self.calls)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        for name in names:
            if name in self.bad:
                raise self.bad[name]
        return dict.fromkeys(names, number)


@pytest.fixture
def ask() -> Asked:
    return Asked()


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_same_names_at_the_same_time_are_one_call(ask: Asked) -> None:
    flights = SingleFlight()
    tasks = [asyncio.create_task(flights.fetch(["a", "b"], ask)) for _ in range(5)]
    await settle()
    assert flights.running(["a", "b", "c"]) == 2
    ask.gate.set()
    assert await asyncio.gather(*tasks) == [{"a": 1, "b": 1}] * 5
    assert ask.calls == [["a", "b"]]
    assert flights.running(["a", "b"]) == 0


async def test_only_the_names_that_nobody_asks_for_are_asked(ask: Asked) -> None:
    flights = SingleFlight()
    first = asyncio.create_task(flights.fetch(["a", "b"], ask))
    await settle()
    second = asyncio.create_task(flights.fetch(["b", "c"], ask))
    await settle()
    ask.gate.set()
    assert (await first, await second) == ({"a": 1, "b": 1}, {"b": 1, "c": 2})
    assert ask.calls == [["a", "b"], ["c"]]


async def test_a_landed_call_is_not_joined(ask: Asked) -> None:
    flights = SingleFlight()
    ask.gate.set()
    assert await flights.fetch(["a"], ask) == {"a": 1}
    assert await flights.fetch(["a"], ask) == {"a": 2}


@pytest.mark.parametrize("leaver", [0, 1])
async def test_a_caller_who_goes_away_cancels_nobody_else(ask: Asked, leaver: int) -> None:
    flights = SingleFlight()
    tasks = [asyncio.create_task(flights.fetch(["a"], ask)) for _ in range(2)]
    await settle()
    tasks[leaver].cancel()
    await settle()
    assert tasks[leaver].cancelled()
    ask.gate.set()
    assert await tasks[1 - leaver] == {"a": 1}
    assert ask.cancelled == 0


async def test_a_failure_reaches_all_who_wait_and_no_later_one(ask: Asked) -> None:
    flights = SingleFlight()
    ask.bad["a"] = Unavailable("away")
    tasks = [asyncio.create_task(flights.fetch(["a"], ask)) for _ in range(3)]
    await settle()
    ask.gate.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in found] == [Unavailable] * 3
    ask.bad.clear()
    assert await flights.fetch(["a"], ask) == {"a": 2}


async def test_a_failure_that_nobody_waits_for_is_no_warning(ask: Asked, caplog: pytest.LogCaptureFixture) -> None:
    flights = SingleFlight()
    ask.bad["a"] = Unavailable("away")
    task = asyncio.create_task(flights.fetch(["a"], ask))
    await settle()
    task.cancel()
    ask.gate.set()
    await settle()
    assert task.cancelled()
    assert caplog.records == []


async def test_a_mistake_of_another_caller_is_not_mine(ask: Asked) -> None:
    """Who asks for a good thing while somebody asks for it together with a bad one gets the good thing."""
    flights = SingleFlight()
    ask.bad["bad"] = Rejected("no such office")
    theirs = asyncio.create_task(flights.fetch(["good", "bad"], ask))
    await settle()
    mine = [asyncio.create_task(flights.fetch(["good"], ask)) for _ in range(2)]
    await settle()
    ask.gate.set()
    assert await asyncio.gather(*mine) == [{"good": 2}, {"good": 2}]
    with pytest.raises(Rejected):
        await theirs
    assert ask.calls == [["good", "bad"], ["good"]]


async def test_an_outage_is_not_asked_twice(ask: Asked) -> None:
    flights = SingleFlight()
    ask.bad["b"] = Unavailable("away")
    theirs = asyncio.create_task(flights.fetch(["a", "b"], ask))
    await settle()
    mine = asyncio.create_task(flights.fetch(["a"], ask))
    await settle()
    ask.gate.set()
    found = await asyncio.gather(theirs, mine, return_exceptions=True)
    assert [type(each) for each in found] == [Unavailable] * 2
    assert len(ask.calls) == 1


async def test_a_parted_call_is_not_joined_and_still_answers_its_own(ask: Asked) -> None:
    flights = SingleFlight()
    before = asyncio.create_task(flights.fetch(["a"], ask, "mine"))
    other = asyncio.create_task(flights.fetch(["b"], ask, "theirs"))
    await settle()
    flights.part(["mine"])
    after = asyncio.create_task(flights.fetch(["a"], ask, "mine"))
    joined = asyncio.create_task(flights.fetch(["b"], ask, "theirs"))
    await settle()
    ask.gate.set()
    assert (await before, await after) == ({"a": 1}, {"a": 3})
    assert (await other, await joined) == ({"b": 2}, {"b": 2})


async def test_a_parted_call_that_lands_leaves_its_successor_alone(ask: Asked) -> None:
    flights = SingleFlight()
    before = asyncio.create_task(flights.fetch(["a"], ask, "mine"))
    await settle()
    flights.part(["mine"])
    ask.gate.set()
    ask.gate = asyncio.Event()
    after = asyncio.create_task(flights.fetch(["a"], ask, "mine"))
    assert await before == {"a": 1}
    await settle()
    assert flights.running(["a"]) == 1
    ask.gate.set()
    assert await after == {"a": 2}


async def test_closing_cancels_what_runs_and_what_was_parted(ask: Asked) -> None:
    flights = SingleFlight()
    tasks = [asyncio.create_task(flights.fetch([name], ask, name)) for name in "ab"]
    await settle()
    flights.part(["a"])
    await flights.aclose()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in found] == [asyncio.CancelledError] * 2
    assert ask.cancelled == 2
