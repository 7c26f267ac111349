"""One call for everybody who asks the same thing at the same time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any

from adapters.contract.errors import AskDifferently

Found = Mapping[str, Any]
Ask = Callable[[Sequence[str]], Coroutine[Any, Any, Found]]


class _Flight:
    """A call under way, in a task of its own, and those who wait for it."""

    __slots__ = ("group", "names", "task", "waiters")

    def __init__(self, names: Sequence[str], group: str, task: asyncio.Task[Found]) -> None:
        self.names, self.group, self.task = frozenset(names), group, task
        self.waiters: list[asyncio.Future[Found]] = []

    async def join(self, until: float) -> Found:
        """What the call gives. Raises: what it raises; TimeoutError at `until`, when the call goes on."""
        if self.task.done():
            return self.task.result()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Found] = loop.create_future()
        self.waiters.append(waiter)
        timer = loop.call_at(until, _give_up, waiter) if until < math.inf else None
        try:
            return await waiter
        finally:
            if timer:
                timer.cancel()

    def land(self) -> None:
        """Tell those who still wait."""
        task = self.task
        error = None if task.cancelled() else task.exception()  # looked at, so that one for nobody is no warning
        for waiter in self.waiters:
            if waiter.done():
                continue
            if task.cancelled():
                waiter.cancel()
            elif error is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(task.result())


def _give_up(waiter: asyncio.Future[Found]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


class SingleFlight:
    """Joins callers by name. A caller who goes away cancels nobody else's call."""

    def __init__(self) -> None:
        self._running: dict[str, _Flight] = {}
        self._tasks: set[asyncio.Task[Found]] = set()

    def running(self, names: Sequence[str]) -> int:
        """How many of the names are being asked for now."""
        return sum([name in self._running for name in names])

    async def fetch(self, names: Sequence[str], ask: Ask, group: str = "", until: float = math.inf) -> dict[str, Any]:
        """What `ask` gives for the names; those that are being asked for already are awaited, not asked again.

        `ask` is called with the rest, in a task of its own; `group` is what `part` knows it by. A joined call that
        asked for more than `names` and was refused for it is asked again for `names` alone: somebody else's mistake
        is not this caller's. Raises: what `ask` raises; TimeoutError at `until`, by the event loop's clock.
        """
        new = [name for name in names if name not in self._running]
        if new:
            flight = self._start(new, ask, group)
            if len(new) == len(names):
                return dict(await flight.join(until))
        found: dict[str, Any] = {}
        for flight in dict.fromkeys([self._running[name] for name in names]):
            try:
                found.update(await flight.join(until))
            except AskDifferently:
                if flight.names <= set(names):
                    raise
                found.update(await self.fetch([name for name in names if name in flight.names], ask, group, until))
        return {name: found[name] for name in names if name in found}

    def _start(self, names: Sequence[str], ask: Ask, group: str) -> _Flight:
        task = asyncio.get_running_loop().create_task(ask(names))
        flight = _Flight(names, group, task)
        self._tasks.add(task)
        self._running.update(dict.fromkeys(names, flight))

        def landed(_task: asyncio.Task[Found]) -> None:
            self._tasks.discard(task)
            for name in names:
                if self._running.get(name) is flight:
                    del self._running[name]
            flight.land()

        task.add_done_callback(landed)
        return flight

    def part(self, groups: Collection[str]) -> None:
        """Let nobody join what is under way for these groups: it may have been asked before something changed."""
        self._running = {name: flight for name, flight in self._running.items() if flight.group not in groups}

    async def aclose(self) -> None:
        """Cancel what is still running."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
