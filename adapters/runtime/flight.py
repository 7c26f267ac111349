"""One call for everybody who asks the same thing at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract.errors import AskDifferently

Ask = Callable[[Sequence[str]], Coroutine[Any, Any, Mapping[str, Any]]]


@dataclass(frozen=True, eq=False)
class _Flight:
    names: frozenset[str]
    group: str
    task: asyncio.Task[Mapping[str, Any]]


class SingleFlight:
    """Joins callers by name. A caller who goes away cancels nobody else's call."""

    def __init__(self) -> None:
        self._running: dict[str, _Flight] = {}
        self._tasks: set[asyncio.Task[Mapping[str, Any]]] = set()

    def running(self, names: Sequence[str]) -> int:
        """How many of the names are being asked for now."""
        return sum(name in self._running for name in names)

    async def fetch(self, names: Sequence[str], ask: Ask, group: str = "") -> dict[str, Any]:
        """What `ask` gives for the names; those that are being asked for already are awaited, not asked again.

        `ask` is called with the rest, in a task of its own; `group` is what `part` knows it by. A joined call that
        asked for more than `names` and was refused for it is asked again for `names` alone: somebody else's mistake
        is not this caller's. Raises: what `ask` raises.
        """
        new = [name for name in names if name not in self._running]
        if new:
            self._start(new, ask, group)
        found: dict[str, Any] = {}
        for flight in dict.fromkeys(self._running[name] for name in names):
            try:
                found.update(await asyncio.shield(flight.task))
            except AskDifferently:
                if flight.names <= set(names):
                    raise
                found.update(await self.fetch([name for name in names if name in flight.names], ask, group))
        return {name: found[name] for name in names if name in found}

    def _start(self, names: Sequence[str], ask: Ask, group: str) -> None:
        task = asyncio.create_task(ask(names))
        flight = _Flight(frozenset(names), group, task)
        self._tasks.add(task)
        self._running.update(dict.fromkeys(names, flight))

        def landed(done: asyncio.Task[Mapping[str, Any]]) -> None:
            self._tasks.discard(done)
            self._running = {name: one for name, one in self._running.items() if one is not flight}
            if not done.cancelled():
                done.exception()  # seen here, so that an error nobody waits for any more is no warning

        task.add_done_callback(landed)

    def part(self, groups: Collection[str]) -> None:
        """Let nobody join what is under way for these groups: it may have been asked before something changed."""
        self._running = {name: flight for name, flight in self._running.items() if flight.group not in groups}

    async def aclose(self) -> None:
        """Cancel what is still running."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
