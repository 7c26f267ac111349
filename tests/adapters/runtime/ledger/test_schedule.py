"""How long to wait: doubled, shortened at random, and never less than the department asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import Maintenance, QuotaExceeded, Unreachable
from adapters.runtime.ledger.schedule import LONGEST_ASKED, Patience


def test_waits_double_up_to_the_longest() -> None:
    patience = Patience(jitter=lambda: 0.0)
    assert [patience.wait(n) for n in (1, 2, 3, 4, 11, 1000)] == [1, 2, 4, 8, 900, 900]


@given(st.integers(1, 10_000))
def test_a_wait_is_shortened_by_up_to_half(attempts: int) -> None:
    whole = Patience(jitter=lambda: 0.0).wait(attempts)
    assert whole / 2 <= Patience().wait(attempts) <= whole


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (QuotaExceeded("no", retry_after=60), 60, 60),
        (QuotaExceeded("no", retry_after=0.1), 1, 1),
        (Maintenance("no", retry_after=600), 600, 660),
        (Maintenance("no", retry_after=366 * 86400), LONGEST_ASKED, LONGEST_ASKED),
        (Unreachable("no"), 1, 1),
        (KeyError("no"), 1, 1),
    ],
)
def test_a_department_is_waited_for_as_long_as_it_asks(error: Exception, least: float, most: float) -> None:
    assert least <= Patience(jitter=lambda: 0.0).wait(1, error) <= most


def test_patience_ends_by_attempts_or_by_age() -> None:
    patience = Patience(attempts=3, give_up_after=100)
    assert [patience.exhausted(2, 99), patience.exhausted(3, 0), patience.exhausted(0, 100)] == [False, True, True]
