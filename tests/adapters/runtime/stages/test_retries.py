"""A call is repeated seldom, soon, and only where that can help."""

from __future__ import annotations

import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from adapters.contract.policy import RetryPolicy
from adapters.runtime.stages.retries import LONGEST, SHORTEST, RetryBudget


def granted(budget: RetryBudget, calls: int) -> int:
    """How many of so many calls, all of which fail, are repeated."""
    count = 0
    for _ in range(calls):
        budget.earn()
        count += budget.pause(Unavailable("no"), 0, 2.0) is not None
    return count


def test_a_tenth_of_the_calls_may_be_repeated_and_the_first_of_an_idle_time() -> None:
    budget = RetryBudget(RetryPolicy())
    assert granted(budget, 1) == 1
    assert granted(budget, 1000) == pytest.approx(100, abs=2)


def test_what_was_saved_is_bounded() -> None:
    budget = RetryBudget(RetryPolicy())
    for _ in range(10_000):
        budget.earn()
    assert granted(budget, 100) <= 21


def test_pauses_are_short_and_differ() -> None:
    budget = RetryBudget(RetryPolicy(share=1.0))
    pauses = set()
    for _ in range(50):
        budget.earn()
        pauses.add(budget.pause(Unavailable("no"), 0, 2.0))
    assert len(pauses) == 50
    assert all(pause is not None and SHORTEST <= pause <= LONGEST for pause in pauses)


@pytest.mark.parametrize("error", [Unavailable("no"), Interrupted("broke")])
def test_who_was_not_reached_is_tried_again(error: AdapterError) -> None:
    assert RetryBudget(RetryPolicy()).pause(error, 0, 2.0) is not None


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("in a minute", retry_after=60),
        TimedOut("silence"),
        QuotaExceeded("full"),
        Maintenance("closed"),
        Rejected("no"),
        Unauthorised("who?"),
        BadReply("what?"),
    ],
)
def test_nobody_else_is_pressed(error: AdapterError) -> None:
    assert RetryBudget(RetryPolicy()).pause(error, 0, 2.0) is None


@pytest.mark.parametrize(
    ("policy", "repeated", "left"),
    [
        (RetryPolicy(), 1, 2.0),
        (RetryPolicy(at_most=0), 0, 2.0),
        (RetryPolicy(share=0.0), 0, 2.0),
        (RetryPolicy(), 0, SHORTEST),
    ],
    ids=["enough", "never", "no share", "no time"],
)
def test_a_repetition_has_its_limits(policy: RetryPolicy, repeated: int, left: float) -> None:
    assert RetryBudget(policy).pause(Unavailable("no"), repeated, left) is None
