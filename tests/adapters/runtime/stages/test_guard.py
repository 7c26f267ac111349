"""The stages together: what a call meets, in which order, and what it leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from adapters.contract.manifest import Quota
from adapters.contract.policy import BreakerPolicy, CallPolicy, RetryPolicy
from adapters.runtime.bound import Bound
from adapters.runtime.stages.guard import Guard
from adapters.runtime.stages.guards import Guards
from tests.adapters.runtime.notes import Desk, fault

NEVER_AGAIN = RetryPolicy(at_most=0)
BREAKER = BreakerPolicy(failures=2)


class Office:
    """What a call gets, one after the other: an error, or None for an answer."""

    def __init__(self, outcomes: Sequence[BaseException | None] = ()) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, _until: float) -> int:
        self.calls += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        await self.gate.wait()
        if outcome is not None:
            raise outcome
        return self.calls


def bound(**provided: Any) -> Bound:
    return Desk().read(**provided)


async def outcome(guard: Guard, office: Office, *, repeatable: bool = False, **provided: Any) -> str:
    try:
        await guard.call(bound(**provided), office, repeatable=repeatable)
    except AdapterError as exc:
        assert fault(exc)[1:] == ("archive", "notes.of_person")
        return exc.kind
    return "ANSWER"


@pytest.mark.parametrize("error", [Unavailable("no"), Interrupted("no"), TimedOut("no"), BadReply("no")])
async def test_a_departments_fault_opens_the_breaker(error: AdapterError) -> None:
    guard, office = Guard(CallPolicy(breaker=BREAKER)), Office([error, error])
    for _ in range(2):
        assert await outcome(guard, office) == error.kind
    assert await outcome(guard, office) == "UNAVAILABLE"
    assert office.calls == 2


@pytest.mark.parametrize(
    "error", [Rejected("no"), NotFound("no"), Unauthorised("no"), QuotaExceeded("no"), Maintenance("no")]
)
async def test_nothing_else_does(error: AdapterError) -> None:
    guard, office = Guard(CallPolicy(breaker=BREAKER)), Office([error] * 4)
    for _ in range(4):
        assert await outcome(guard, office) == error.kind
    assert await outcome(guard, office) == "ANSWER"


async def test_silence_is_its_fault_and_a_caller_who_goes_is_not() -> None:
    guard, office = Guard(CallPolicy(breaker=BREAKER)), Office()
    office.gate.clear()
    gone = [asyncio.create_task(guard.call(bound(), office, repeatable=False)) for _ in range(3)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    assert (guard.breaker.state, guard.bulkhead.inside) == ("closed", 0)
    for _ in range(2):
        assert await outcome(guard, office, timeout="5ms") == "TIMED_OUT"
    assert (guard.breaker.state, guard.bulkhead.inside) == ("open", 0)


async def test_an_adapters_mistake_is_not_the_departments() -> None:
    guard = Guard(CallPolicy(breaker=BREAKER))
    for _ in range(3):
        with pytest.raises(KeyError):
            await guard.call(bound(), Office([KeyError("x")]), repeatable=True)
    assert (guard.breaker.state, guard.bulkhead.inside) == ("closed", 0)


async def test_a_read_is_made_again_and_a_write_is_not() -> None:
    for repeatable, answer, calls in ((True, "ANSWER", 2), (False, "UNAVAILABLE", 1)):
        guard, office = Guard(CallPolicy()), Office([Unavailable("no")])
        assert await outcome(guard, office, repeatable=repeatable) == answer
        assert office.calls == calls


async def test_repetitions_have_the_calls_own_time() -> None:
    guard, office = Guard(CallPolicy(retries=RetryPolicy(at_most=5, share=1.0))), Office([Unavailable("no")] * 5)
    begun = asyncio.get_running_loop().time()
    assert await outcome(guard, office, repeatable=True, timeout="150ms") == "UNAVAILABLE"
    assert asyncio.get_running_loop().time() - begun < 5
    assert 1 < office.calls < 6


async def test_an_attempt_knows_its_end() -> None:
    ends: list[float] = []

    async def attempt(until: float) -> None:
        ends.append(until)
        if len(ends) == 1:
            raise Unavailable("no")

    begun = asyncio.get_running_loop().time()
    await Guard(CallPolicy()).call(bound(timeout="3s"), attempt, repeatable=True)
    assert ends[0] == ends[1] == pytest.approx(begun + 3, abs=1)


async def test_what_failed_says_so_where_its_repetition_is_refused() -> None:
    guard, office = Guard(CallPolicy(breaker=BreakerPolicy(failures=1))), Office([Interrupted("it broke")])
    with pytest.raises(Interrupted, match="it broke"):
        await guard.call(bound(), office, repeatable=True)
    assert office.calls == 1


async def test_a_full_house_refuses_and_says_nothing_about_the_department() -> None:
    guard, office = Guard(CallPolicy(in_flight=1, waiting=1, wait="5ms", breaker=BreakerPolicy(failures=1))), Office()
    office.gate.clear()
    inside = asyncio.create_task(guard.call(bound(), office, repeatable=False))
    await asyncio.sleep(0)
    assert await asyncio.gather(*(outcome(guard, office) for _ in range(2))) == ["UNAVAILABLE"] * 2
    office.gate.set()
    await inside
    assert (office.calls, guard.breaker.state, guard.bulkhead.inside) == (1, "closed", 0)


async def test_the_wait_for_a_place_is_not_the_departments() -> None:
    guard, office = Guard(CallPolicy(in_flight=1, wait="1m", breaker=BreakerPolicy(failures=1))), Office()
    office.gate.clear()
    inside = asyncio.create_task(outcome(guard, office))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(outcome(guard, office, timeout="20ms"))
    await asyncio.sleep(0.04)
    office.gate.set()
    assert (await inside, await waiting) == ("ANSWER", "ANSWER")


async def test_a_repetition_does_not_wait_for_a_place() -> None:
    guard, office = Guard(CallPolicy(in_flight=1, wait="1m")), Office([Unavailable("it broke"), None])
    failing = asyncio.create_task(outcome(guard, office, repeatable=True))
    await asyncio.sleep(0)
    office.gate.clear()
    inside = asyncio.create_task(outcome(guard, office))
    assert await failing == "UNAVAILABLE"
    office.gate.set()
    assert (await inside, office.calls) == ("ANSWER", 2)


async def test_who_waited_is_told_when_the_breaker_has_opened_meanwhile() -> None:
    guard, office = Guard(CallPolicy(in_flight=1, breaker=BreakerPolicy(failures=1))), Office([BadReply("no")])
    office.gate.clear()
    inside = asyncio.create_task(outcome(guard, office))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(outcome(guard, office))
    await asyncio.sleep(0)
    office.gate.set()
    assert (await inside, await waiting) == ("BAD_REPLY", "UNAVAILABLE")
    assert (office.calls, guard.bulkhead.inside) == (1, 0)


async def test_a_quota_that_is_used_up_is_waited_for() -> None:
    guard, office = Guard(CallPolicy()), Office([QuotaExceeded("no", retry_after=60)])
    assert [await outcome(guard, office) for _ in range(2)] == ["QUOTA_EXCEEDED"] * 2
    assert office.calls == 1


async def test_an_announced_closure_is_waited_for() -> None:
    guard, office = Guard(CallPolicy()), Office([Maintenance("no", retry_after=60)])
    assert [await outcome(guard, office) for _ in range(2)] == ["MAINTENANCE"] * 2
    assert office.calls == 1


async def test_what_is_to_be_done_within_a_time_is_not_begun_after_it() -> None:
    guard, office = Guard(CallPolicy(in_flight=1, wait="1m")), Office()
    office.gate.clear()
    inside = asyncio.create_task(outcome(guard, office))
    await asyncio.sleep(0)
    late = asyncio.create_task(guard.call(bound(), office, within=0.01))
    await asyncio.sleep(0.03)
    office.gate.set()
    await inside
    with pytest.raises(Unreachable, match="no time left"):
        await late
    assert (office.calls, guard.bulkhead.inside) == (1, 0)


async def test_it_says_when_an_order_may_be_sent() -> None:
    guards = Guards({"archive": CallPolicy(hours=("08:00-12:00",))})
    opens, closed = datetime(2026, 11, 24, 0, tzinfo=UTC), datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    assert (guards.may_send("archive", closed), guards.may_send("archive", opens)) == (opens, None)


async def test_another_policy_holds_from_now_on() -> None:
    guards = Guards({"archive": CallPolicy()})
    guard, office = guards.of("archive"), Office()
    guards.configure(
        {"archive": CallPolicy(hours=("Mo 00:00-00:01", "Th 00:00-00:01"), quota=Quota(calls=1, per="1m"))}
    )
    assert await outcome(guard, office) == "MAINTENANCE"
    guards.configure({"archive": CallPolicy()})
    assert await outcome(guard, office) == "ANSWER"
    assert guards.of("archive") is guard
