"""Calls that begin, wait, end in every way and go away, in any order: no place is lost, and one tries at a time."""

from __future__ import annotations

import asyncio
import os
import random
import time

from adapters.contract.errors import AdapterError, BadReply, Rejected
from adapters.contract.policy import BreakerPolicy, CallPolicy, RetryPolicy
from adapters.runtime.stages.breaker import CLOSED, HALF_OPEN, OPEN
from adapters.runtime.stages.guard import Guard
from tests.adapters.runtime.notes import Desk
from tests.adapters.runtime.stages.clock import Clock

POLICY = CallPolicy(
    in_flight=3,
    waiting=2,
    wait="1m",
    breaker=BreakerPolicy(failures=2, window="10s", open_for="5s"),
    retries=RetryPolicy(at_most=0),
)
ENDS = (None, BadReply("no"), Rejected("no"), KeyError("x"))


class World:
    """One guard, a clock for its breaker, and the attempts that are under way, each with the breaker's state then."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.clock = chance, Clock()
        self.guard = Guard(POLICY)
        self.guard.breaker._clock = self.clock
        self.bound = Desk().read(timeout="1m")
        self.attempts: list[tuple[asyncio.Future[None], str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def attempt(self, _until: float) -> None:
        state = self.guard.breaker.state
        assert state != OPEN, "who is left alone is not called"
        one = (asyncio.get_running_loop().create_future(), state)
        self.attempts.append(one)
        try:
            await one[0]
        finally:
            self.attempts.remove(one)

    async def step(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            act = self.chance.choice((self.call, self.call, self.end, self.end, self.leave, self.passes))
            act()
            await turns(self.chance.randint(0, 3))
        await turns(6)
        self.check()

    def call(self) -> None:
        self.tasks.append(asyncio.create_task(self.guard.call(self.bound, self.attempt)))

    def end(self) -> None:
        running = [future for future, _ in self.attempts if not future.done()]
        if not running:
            return
        future, how = self.chance.choice(running), self.chance.choice(ENDS)
        if how is None:
            future.set_result(None)
        else:
            future.set_exception(how)

    def leave(self) -> None:
        going = [task for task in self.tasks if not task.done()]
        if going:
            self.chance.choice(going).cancel()

    def passes(self) -> None:
        self.clock.passes(self.chance.uniform(0, 4))

    def check(self) -> None:
        rooms, breaker = self.guard.bulkhead, self.guard.breaker
        assert len(self.attempts) == rooms.inside <= POLICY.in_flight
        assert rooms.waiting <= POLICY.waiting
        assert not rooms.waiting or rooms.inside == POLICY.in_flight, "nobody waits beside a free place"
        if breaker.state != CLOSED:
            assert sum(state == HALF_OPEN for _, state in self.attempts) <= 1, "one call tries"

    async def end_all(self) -> None:
        for _ in range(1000):
            if all(task.done() for task in self.tasks):
                break
            for future, _ in list(self.attempts):
                if not future.done():
                    future.set_result(None)
            await asyncio.sleep(0)
        for found in await asyncio.gather(*self.tasks, return_exceptions=True):
            assert found is None or isinstance(found, (AdapterError, KeyError, asyncio.CancelledError))
        assert (self.guard.bulkhead.inside, self.guard.bulkhead.waiting) == (0, 0)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def play(seed: int) -> None:
    world = World(random.Random(seed))
    for _ in range(40):
        await world.step()
    await world.end_all()
    world.clock.passes(10)
    world.call()
    await turns(3)
    await world.end_all()
    assert world.guard.breaker.state == CLOSED, "a department that answers is called again"


async def test_no_order_of_events_loses_a_place_or_lets_two_try() -> None:
    until = time.monotonic() + float(os.environ.get("CITYGATE_FUZZ_SECONDS", "0"))
    seed = 0
    while seed < 200 or time.monotonic() < until:
        try:
            await play(seed)
        except AssertionError as exc:
            raise AssertionError(f"seed {seed}: {exc}") from exc
        seed += 1
