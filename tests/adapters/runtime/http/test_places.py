"""Places: first come, first served; a place of somebody who has gone away is given on."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from adapters.runtime.http.places import Places


async def take(places: Places, name: str, taken: list[str]) -> None:
    if places.free:
        places.free -= 1
    else:
        await places.wait()
    taken.append(name)


async def test_places_are_given_in_the_order_in_which_they_are_asked_for() -> None:
    places, taken = Places(1), list[str]()
    tasks = [asyncio.create_task(take(places, name, taken)) for name in "abc"]
    await asyncio.sleep(0)
    assert taken == ["a"]
    places.release()
    assert str(places.free) == "0", "it is somebody's already"
    await asyncio.sleep(0)
    assert taken == ["a", "b"]
    places.release()
    await tasks[2]
    places.release()
    assert places.free == 1


async def test_who_goes_away_takes_no_place_along() -> None:
    places, taken = Places(1), list[str]()
    tasks = [asyncio.create_task(take(places, name, taken)) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[1].cancel()  # while it waits
    await asyncio.sleep(0)
    places.release()
    tasks[2].cancel()  # just when it is given the place
    with suppress(asyncio.CancelledError):
        await tasks[2]
    await tasks[3]
    assert taken == ["a", "d"]
    places.release()
    assert places.free == 1
