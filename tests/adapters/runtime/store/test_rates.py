"""Every engine of rates: buckets that fill evenly, taken from all at once or not at all, by all processes together."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.runtime.store import StoreUnavailable
from adapters.runtime.store.rates import Bucket, Rates, open_rates
from adapters.runtime.store.rates.contract import MICROSECONDS, taken
from adapters.runtime.store.rates.memory import MemoryRates
from adapters.runtime.store.rates.sqlite import SqliteRates

ENGINES = (
    "memory",
    "sqlite",
    pytest.param("valkey", marks=pytest.mark.redis),
    pytest.param("cluster", marks=pytest.mark.redis),
)
SLOW = 3600 * MICROSECONDS
"""An interval in which nothing comes back while a test runs."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def rates(engine: str, store_url: str) -> AsyncIterator[Rates]:
    opened = open_rates(store_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def peer(engine: str, rates: Rates, store_url: str) -> AsyncIterator[Rates]:
    """The rates as another process sees them."""
    if engine == "memory":
        yield rates
        return
    opened = open_rates(store_url)
    yield opened
    await opened.aclose()


def bucket(units: int, interval: int = SLOW) -> Bucket:
    return Bucket(uuid4().hex, units, interval)


async def test_a_bucket_is_full_at_first_and_then_empty(rates: Rates, peer: Rates) -> None:
    one = bucket(10)
    assert await rates.take([one], 1, 4) == (4, (6,), 0.0)
    assert await peer.take([one], 1, 4) == (4, (2,), 0.0)
    assert await rates.take([one], 1, 4) == (2, (0,), 0.0)
    given, left, wait = await peer.take([one], 1, 4)
    assert (given, left) == (0, (0,))
    assert wait == pytest.approx(3600, rel=0.01)
    assert (await rates.take([one], 3, 4)).wait == pytest.approx(3 * 3600, rel=0.01)


async def test_all_buckets_give_or_none(rates: Rates) -> None:
    large, small = bucket(100), bucket(5)
    assert await rates.take([large, small], 1, 8) == (5, (95, 0), 0.0)
    given, left, wait = await rates.take([large, small], 1, 8)
    assert (given, left) == (0, (95, 0))
    assert wait == pytest.approx(3600, rel=0.01)
    assert (await rates.take([large], 95, 95)).given == 95


async def test_units_come_back_one_by_one(rates: Rates) -> None:
    one = bucket(4, 50_000)
    assert (await rates.take([one], 4, 4)).given == 4
    _, left, wait = await rates.take([one], 2, 2)
    assert left <= (1,)
    assert 0 < wait <= 0.1
    await asyncio.sleep(wait + 0.005)
    assert (await rates.take([one], 2, 4)).given >= 2


async def test_more_than_a_bucket_holds_is_never_there(rates: Rates) -> None:
    one = bucket(3)
    given, left, wait = await rates.take([one], 4, 4)
    assert (given, left) == (0, (3,))
    assert wait > 0


async def test_many_who_take_at_once_get_no_more_than_there_is(rates: Rates, peer: Rates) -> None:
    one = bucket(100)
    for each in (rates, peer):
        await each.take([bucket(1)], 1, 1)  # connected, so that the takes meet
    takes = [each.take([one], 1, 7) for _ in range(20) for each in (rates, peer)]
    assert sum(found.given for found in await asyncio.gather(*takes)) == 100


async def test_names_may_hold_anything(rates: Rates) -> None:
    for name in ("武汉", "a b", "'; DROP TABLE rate", "{x}"):
        assert (await rates.take([Bucket(name + uuid4().hex, 2, SLOW)], 1, 1)).left == (1,)


async def test_no_time_in_which_more_goes_than_a_bucket_and_what_came_back(rates: Rates) -> None:
    """The promise itself, against whatever an engine's clock does."""
    one, went = bucket(20, 2_000), [(time.monotonic(), 0)]
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        found = await rates.take([one], 1, random.randint(1, 9))
        went.append((time.monotonic(), found.given))
        await asyncio.sleep(random.random() / 200)
    for at, _ in enumerate(went[1:], 1):
        for start in range(at):
            total = sum(given for _, given in went[start + 1 : at + 1])
            assert total <= 20 + (went[at][0] - went[start][0]) / 0.002 + 1
    assert all(before[0] <= after[0] for before, after in pairwise(went))


def test_the_arithmetic_agrees_with_counting_units_one_by_one() -> None:
    """The reference keeps a list of moments at which a unit is back."""
    random.seed(7)
    for _ in range(200):
        units, interval = random.randint(1, 9), random.randint(1, 50)
        one, full_at, now, back = Bucket("x", units, interval), 0, 1000, list[int]()
        for _ in range(40):
            now += random.choice((0, 0, 1, interval, 3 * interval))
            back = [at for at in back if at > now]
            least = random.randint(1, units)
            most = random.randint(least, units)
            outcome, (full_at,) = taken(now, [full_at], [one], least, most)
            free = units - len(back)
            expected = min(most, free) if free >= least else 0
            assert outcome.given == expected
            assert outcome.left == (free - expected,)
            for _ in range(expected):
                back.append(max([now, *back]) + interval)
            if not expected:
                assert outcome.wait * MICROSECONDS == pytest.approx(back[least - free - 1] - now)


async def test_a_file_that_cannot_be_written_is_unavailable_and_then_there_again(tmp_path: Path) -> None:
    rates = SqliteRates(tmp_path / "gone" / "rates.db", timeout=0.1)
    with pytest.raises(StoreUnavailable, match=r"rates\.db"):
        await rates.take([bucket(3)], 1, 1)
    (tmp_path / "gone").mkdir()
    assert (await rates.take([bucket(3)], 1, 1)).given == 1
    await rates.aclose()
    await rates.aclose()
    with pytest.raises(StoreUnavailable, match="closed"):
        await rates.take([bucket(3)], 1, 1)


async def test_full_buckets_leave_the_file(tmp_path: Path) -> None:
    now = [1.0]
    rates = SqliteRates(tmp_path / "rates.db", timeout=5, clock=lambda: now[0])
    for _ in range(255):
        await rates.take([bucket(3)], 1, 1)
    now[0] += 4000
    await rates.take([bucket(3)], 1, 1)
    assert rates._connection is not None
    rows = await asyncio.get_running_loop().run_in_executor(
        rates._thread, lambda: rates._connect().execute("SELECT count(*) FROM rate").fetchone()
    )
    assert rows == (1,)
    await rates.aclose()


async def test_memory_forgets_who_was_away_longest() -> None:
    rates = MemoryRates(most=2)
    buckets = [bucket(3) for _ in range(3)]
    for one in (*buckets[:2], buckets[0], buckets[2]):
        await rates.take([one], 1, 1)
    assert [(await rates.take([one], 1, 1)).left for one in (buckets[0], buckets[2])] == [(0,), (1,)]
    assert (await rates.take([buckets[1]], 1, 1)).left == (2,)
