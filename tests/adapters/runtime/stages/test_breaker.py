"""The breaker opens after enough failures, lets one call try, and believes what becomes of it."""

from __future__ import annotations

import pytest

from adapters.contract.errors import Unavailable
from adapters.contract.policy import BreakerPolicy
from adapters.runtime.stages.breaker import Breaker
from tests.adapters.runtime.stages.clock import Clock

POLICY = BreakerPolicy(failures=3, window="10s", open_for="5s")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(POLICY, clock)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(breaker.begin())


def answer(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.answered(breaker.begin())


def refusal(breaker: Breaker) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        breaker.begin()
    return caught.value


def test_it_opens_with_the_last_of_the_failures(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker)
    assert (breaker.state, refusal(breaker).retry_after) == ("open", 5.0)


def test_failures_that_are_old_do_not_count(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 2)
    clock.passes(10)
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"


def test_few_failures_among_many_calls_are_no_outage(breaker: Breaker) -> None:
    fail(breaker)
    answer(breaker, 10)
    fail(breaker, 8)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open", "half of them are"


def test_one_call_tries_and_the_others_wait_for_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.passes(4.9)
    assert refusal(breaker).retry_after == pytest.approx(0.1)
    clock.passes(0.1)
    assert breaker.state == "half_open"
    ticket = breaker.begin()
    assert refusal(breaker).retry_after > 0  # type: ignore[operator]
    breaker.answered(ticket)
    assert breaker.state == "closed"
    answer(breaker, 2)


def test_a_trial_that_fails_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.passes(5)
    fail(breaker)
    assert (breaker.state, refusal(breaker).retry_after) == ("open", 5.0)


def test_a_trial_that_says_nothing_leaves_the_next_one_to_try(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.passes(5)
    breaker.abandoned(breaker.begin())
    answer(breaker)
    assert breaker.state == "closed"


def test_what_began_before_decides_nothing_after(breaker: Breaker, clock: Clock) -> None:
    early = [breaker.begin() for _ in range(5)]
    fail(breaker, 3)
    breaker.answered(early[0])
    assert breaker.state == "open"
    clock.passes(5)
    trial = breaker.begin()
    breaker.failed(early[1])
    breaker.abandoned(early[2])
    breaker.answered(early[3])
    assert refusal(breaker), "the trial is still under way"
    breaker.answered(trial)
    for _ in range(3):
        breaker.failed(early[4])
    assert breaker.state == "closed"


def test_it_starts_anew_when_it_has_closed(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.passes(5)
    answer(breaker)
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_it_tells_of_its_own_changes_and_not_of_others(clock: Clock) -> None:
    told: list[str] = []
    telling: Breaker = Breaker(POLICY, clock, lambda: told.append(telling.state))
    fail(telling, 3)
    clock.passes(5)
    answer(telling)
    telling.open(2)
    telling.close()
    assert told == ["open", "closed"]


def test_nobody_opens_it_for_longer_than_its_policy_says(breaker: Breaker) -> None:
    breaker.open(3600)
    assert breaker.open_for == 5.0
    breaker.configure(BreakerPolicy(open_for="1s"))
    assert breaker.open_for == 1.0
