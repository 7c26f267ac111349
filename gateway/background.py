"""Work beside the requests, which begins with the process and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress


class Background:
    """A task that runs from `start` to `aclose`; none where there is no work."""

    def __init__(self, work: Callable[[], Coroutine[None, None, None]] | None) -> None:
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._work is not None:
            self._task = asyncio.create_task(self._work())

    async def aclose(self) -> None:
        """End. Raises: what the work has failed with."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
