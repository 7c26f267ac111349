"""So many calls in flight, a bounded queue, and no place is ever lost."""

from __future__ import annotations

import asyncio

import pytest

from adapters.contract.errors import Unavailable
from adapters.contract.policy import CallPolicy
from adapters.runtime.stages.bulkhead import Bulkhead


def bulkhead(in_flight: int = 1, waiting: int = 2, wait: str = "1m") -> Bulkhead:
    return Bulkhead(CallPolicy(in_flight=in_flight, waiting=waiting, wait=wait))


async def waiters(rooms: Bulkhead, count: int) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(rooms.wait()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_there_are_so_many_places() -> None:
    rooms = bulkhead(in_flight=2)
    assert [rooms.take() for _ in range(3)] == [True, True, False]
    rooms.give_back()
    assert rooms.take()


async def test_who_comes_first_is_served_first_and_nobody_overtakes() -> None:
    rooms = bulkhead()
    rooms.take()
    first, second = await waiters(rooms, 2)
    rooms.give_back()
    assert not rooms.take(), "the place was handed on"
    await first
    assert not second.done()
    rooms.give_back()
    await second
    rooms.give_back()
    assert (rooms.inside, rooms.waiting) == (0, 0)


async def test_a_full_queue_refuses_at_once() -> None:
    rooms = bulkhead(waiting=1)
    rooms.take()
    (patient,) = await waiters(rooms, 1)
    with pytest.raises(Unavailable, match="1 calls are under way") as caught:
        await rooms.wait()
    assert caught.value.retry_after
    patient.cancel()


async def test_nobody_waits_longer_than_agreed() -> None:
    rooms = bulkhead(wait="10ms")
    rooms.take()
    with pytest.raises(Unavailable):
        await rooms.wait()
    assert rooms.waiting == 0
    rooms.give_back()
    assert rooms.take()


async def test_without_a_queue_nobody_waits() -> None:
    for rooms in (bulkhead(waiting=0), bulkhead(wait="0s")):
        rooms.take()
        with pytest.raises(Unavailable):
            await rooms.wait()


@pytest.mark.parametrize("handed", [False, True], ids=["while it waits", "when it has its place already"])
async def test_who_goes_away_takes_no_place_along(handed: bool) -> None:
    rooms = bulkhead()
    rooms.take()
    first, second = await waiters(rooms, 2)
    if handed:
        rooms.give_back()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    if not handed:
        rooms.give_back()
    await second
    rooms.give_back()
    assert (rooms.inside, rooms.waiting) == (0, 0)


async def test_more_places_are_given_to_who_waits_and_fewer_are_taken_slowly() -> None:
    rooms = bulkhead()
    rooms.take()
    first, second = await waiters(rooms, 2)
    rooms.configure(CallPolicy(in_flight=3))
    await asyncio.gather(first, second)
    rooms.configure(CallPolicy(in_flight=1))
    rooms.give_back()
    rooms.give_back()
    assert (rooms.inside, rooms.take()) == (1, False)
    rooms.give_back()
    assert rooms.take()
