"""One call for everybody who asks the same thing at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

Ask = Callable[[Sequence[str]], Coroutine[Any, Any, Mapping[str, Any]]]


class SingleFlight:
    """Joins callers by name. A caller who goes away cancels nobody else's call."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Mapping[str, Any]]] = {}

    def running(self, names: Sequence[str]) -> int:
        """How many of the names are being asked for now."""
        return sum(name in self._running for name in names)

    async def fetch(self, names: Sequence[str], ask: Ask) -> dict[str, Any]:
        """What `ask` gives for the names; those that are being asked for already are awaited, not asked again.

        `ask` is called at most once, with the rest, in a task of its own. Raises: what `ask` raises.
        """
        new = [name for name in names if name not in self._running]
        if new:
            self._start(new, ask)
        tasks = {self._running[name]: None for name in names}
        found: dict[str, Any] = {}
        for task in tasks:
            found.update(await asyncio.shield(task))
        return {name: found[name] for name in names if name in found}

    def _start(self, names: Sequence[str], ask: Ask) -> None:
        task = asyncio.create_task(ask(names))
        self._running.update(dict.fromkeys(names, task))

        def landed(done: asyncio.Task[Mapping[str, Any]]) -> None:
            for name in names:
                del self._running[name]
            if not done.cancelled():
                done.exception()  # seen here, so that an error nobody waits for any more is no warning

        task.add_done_callback(landed)

    async def aclose(self) -> None:
        """Cancel what is still running."""
        tasks = set(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
