"""Values that are awaited side by side: as graphql-core's `gather_with_cancel`, at a third of its cost."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


async def all_of(coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """What each gives, each in a task of its own. The first error ends the others, and is raised once all have ended.

    Whoever cancels this cancels all of them.
    """
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(one) for one in coroutines]
    try:
        failed = await _first_to_fail(tasks)
        if failed is not None:
            failed.result()
        return [task.result() for task in tasks]
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _first_to_fail(tasks: Sequence[asyncio.Task[Any]]) -> asyncio.Future[asyncio.Task[Any] | None]:
    """The first task that fails or is cancelled; None when all have ended well."""
    found = asyncio.get_running_loop().create_future()
    left = len(tasks)

    def landed(task: asyncio.Task[Any]) -> None:
        nonlocal left
        left -= 1
        if found.done():
            return
        if task.cancelled() or task.exception() is not None:
            found.set_result(task)
        elif not left:
            found.set_result(None)

    for task in tasks:
        task.add_done_callback(landed)
    return found
