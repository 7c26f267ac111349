"""A deadline does what `asyncio.timeout_at` does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from adapters.contract.deadline import Deadline


async def ours(when: float, inside: Callable[[], object]) -> str:
    try:
        with Deadline(when) as deadline:
            await inside()  # type: ignore[misc]
    except BaseException as exc:
        return f"{type(exc).__name__} {deadline.expired}"
    return f"nothing {deadline.expired}"


async def asyncios(when: float, inside: Callable[[], object]) -> str:
    try:
        async with asyncio.timeout_at(when) as deadline:
            await inside()  # type: ignore[misc]
    except BaseException as exc:
        return f"{type(exc).__name__} {deadline.expired()}"
    return f"nothing {deadline.expired()}"


async def forever() -> None:
    await asyncio.Event().wait()


async def swallowing() -> None:
    with suppress(asyncio.CancelledError):
        await forever()


async def failing() -> None:
    with suppress(asyncio.CancelledError):
        await forever()
    raise ValueError


@pytest.mark.parametrize("inside", [forever, swallowing, failing, lambda: asyncio.sleep(0)])
@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
async def test_what_takes_too_long_ends_as_with_asyncio(inside: Callable[[], object], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    expected = await asyncios(loop.time() + seconds, inside)
    assert await ours(loop.time() + seconds, inside) == expected
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.parametrize("run", [ours, asyncios])
async def test_a_cancellation_from_elsewhere_stays_one(run: Callable[..., Coroutine[Any, Any, str]]) -> None:
    task = asyncio.create_task(run(asyncio.get_running_loop().time() + 60, forever))
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "CancelledError False"
    assert task.cancelling() == 1


async def test_the_inner_of_two_deadlines_is_its_own() -> None:
    with Deadline.after(60):
        assert await ours(asyncio.get_running_loop().time(), forever) == "TimeoutError True"
        await asyncio.sleep(0)
