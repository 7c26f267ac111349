"""Allowances: leases from shared buckets, spent here; never too much, hardly ever too little, and no store needed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from adapters.runtime.allowances import LARGEST_LEASE, Allowances
from adapters.runtime.store import StoreUnavailable
from adapters.runtime.store.rates import Bucket, Taken
from adapters.runtime.store.rates.memory import MemoryRates


class Counted:
    """Rates of a test's own clock, which count what comes to them and can be away."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.takes: list[tuple[int, int]] = []
        self.names: set[str] = set()
        self.away = False
        self._inner = MemoryRates(clock=self.clock)

    def clock(self) -> float:
        return self.now

    async def take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        await asyncio.sleep(0)
        if self.away:
            raise StoreUnavailable("away")
        self.takes.append((least, most))
        self.names |= {one.name for one in buckets}
        return await self._inner.take(buckets, least, most)

    async def aclose(self) -> None:
        self.away = True


@pytest.fixture
def rates() -> Counted:
    return Counted()


def allowances(rates: Counted, **policies: tuple[int, float]) -> Allowances:
    return Allowances(rates, policies, lambda kind, who: f"{kind}/{who[::-1]}", clock=rates.clock)


async def test_who_asks_once_takes_what_is_needed(rates: Counted) -> None:
    mine = allowances(rates, subject=(100, 10.0)).of(("subject", "me"))
    for _ in range(3):
        assert await mine.take(5) == 0
        rates.now += 2
    assert rates.takes == [(5, 5)] * 3
    assert mine.left == 0


async def test_who_comes_back_at_once_takes_leases_that_grow(rates: Counted) -> None:
    mine = allowances(rates, subject=(1600, 1600.0)).of(("subject", "me"))
    for _ in range(1000):
        assert await mine.take(1) == 0
    assert max(most for _, most in rates.takes) == 1600 // LARGEST_LEASE
    assert len(rates.takes) < 20


async def test_there_is_no_more_than_the_bucket_and_it_is_all_had(rates: Counted) -> None:
    ours = [allowances(rates, subject=(160, 160.0)).of(("subject", "me")) for _ in range(3)]
    had = 0
    while True:
        waits = [await each.take(1) for each in ours]
        had += waits.count(0)
        if all(waits):
            break
    assert had == 160
    assert all(0 < wait <= 1 for wait in waits)
    rates.now += 1
    assert sorted([await each.take(1) == 0 for each in ours]) == [False, False, True]


async def test_in_no_time_goes_more_than_is_allowed_whatever_the_order(rates: Counted) -> None:
    random.seed(11)
    units, per, processes = 64, 32.0, 3
    ours = [allowances(rates, subject=(units, per)).of(("subject", "me")) for _ in range(processes)]
    went: list[tuple[float, int]] = []
    for _ in range(1500):
        rates.now += random.choice((0.0, 0.0, 0.1, 0.5, 3.0))
        cost = random.choice((1, 1, 1, 6))
        if await random.choice(ours).take(cost) == 0:
            went.append((rates.now, cost))
    held = processes * max(units // LARGEST_LEASE, 6)
    for start, (begun, _) in enumerate(went):
        total = 0
        for at, cost in went[start:]:
            total += cost
            assert total <= units + (at - begun) * units / per + held + 1e-6


async def test_an_empty_bucket_is_not_asked_again_before_something_is_back(rates: Counted) -> None:
    mine = allowances(rates, subject=(20, 20.0)).of(("subject", "me"))
    assert await mine.take(20) == 0
    waits = [await mine.take(1) for _ in range(50)]
    assert all(0 < wait <= 1 for wait in waits)
    assert len(rates.takes) == 2
    rates.now += 1.01
    assert await mine.take(1) == 0


async def test_who_lacks_units_for_much_still_has_them_for_little(rates: Counted) -> None:
    mine = allowances(rates, subject=(20, 20.0)).of(("subject", "me"))
    assert await mine.take(15) == 0
    assert await mine.take(10) == pytest.approx(5)
    assert await mine.take(5) == 0


async def test_a_unit_is_one_of_each_holder(rates: Counted) -> None:
    both = allowances(rates, subject=(10, 10.0), client=(15, 15.0))
    first, second = (both.of(("subject", who), ("client", "app")) for who in ("a", "b"))
    assert [await first.take(10), await first.take(1)] == [0, pytest.approx(1)]
    assert [await second.take(5), await second.take(1)] == [0, pytest.approx(1)]
    assert rates.names == {"subject/a", "subject/b", "client/ppa"}
    assert [(one.name, one.quota, one.units, one.full_in) for one in second.remaining()] == [
        ("subject", 10, 5, 5.0),
        ("client", 15, 0, 15.0),
    ]


async def test_what_has_no_policy_is_not_counted(rates: Counted) -> None:
    free = allowances(rates, client=(10, 10.0)).of(("address", "::1"))
    assert [await free.take(10**9), free.remaining()] == [0, []]
    assert free.left == float("inf")
    assert rates.takes == []


async def test_many_who_ask_at_once_share_a_lease(rates: Counted) -> None:
    mine = allowances(rates, subject=(1600, 1600.0)).of(("subject", "me"))
    assert await asyncio.gather(*(mine.take(1) for _ in range(200))) == [0] * 200
    assert len(rates.takes) < 15
    assert 0 <= mine.left <= 100


async def test_while_the_store_is_away_each_process_counts_for_itself(rates: Counted) -> None:
    rates.away = True
    ours = [allowances(rates, subject=(32, 3200.0)).of(("subject", "me")) for _ in range(2)]
    for each in ours:
        waits = [await each.take(1) for _ in range(40)]
        assert waits.count(0) == 32
    rates.away = False
    assert [await each.take(1) > 0 for each in ours] == [True, True]
    rates.now += 3200
    assert [await each.take(16) for each in ours] == [0, 0]
    assert [await each.take(1) > 0 for each in ours] == [True, True]


async def test_of_too_many_the_oldest_is_forgotten(rates: Counted) -> None:
    few = Allowances(rates, {"subject": (10, 10.0)}, lambda kind, who: kind + who, most=2)
    first, second = few.of(("subject", "a")), few.of(("subject", "b"))
    assert few.of(("subject", "a")) is first
    few.of(("subject", "c"))
    assert few.of(("subject", "a")) is first
    assert few.of(("subject", "b")) is not second
    await few.aclose()
    assert rates.away
