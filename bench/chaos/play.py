"""The run: each department in turn gets into each trouble and out of it, then the store, with calm before and after."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bench.chaos.ask import store_is_up
from bench.chaos.found import CALM, Episode, Found, Phase
from bench.chaos.load import Gateway, Load, Recovery
from bench.chaos.question import DEPARTMENTS, Person
from bench.chaos.trouble import KILLED, TROUBLES, Process, Step, Trouble

STORE, AWAY = "store", "dies and returns"
LOOK = 0.02
ON_ITS_WAY = 0.2
"""Seconds in which what was asked while a trouble lasted reaches the department."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Who plays: gateways, the one on the store last; departments, and where each answers; people who ask."""

    gateways: Sequence[Gateway]
    departments: Mapping[str, Process]
    addresses: Mapping[str, str]
    store: Process
    people: Sequence[Person]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How it is played. `rate` is how often in a second all gateways are asked, `beside` how many more ask each time.

    The calm and the store's absence last so many seconds. What has not recovered after `patience` never will. With
    `greet`, everybody asks the first gateway once before anything is measured, as tokens are verified and connections
    made only once.
    """

    rate: float = 3.0
    beside: int = 2
    calm: float = 15.0
    away: float = 6.0
    patience: float = 30.0
    greet: bool = True
    troubles: Mapping[str, Sequence[Trouble]] = field(default_factory=lambda: dict.fromkeys(DEPARTMENTS, TROUBLES))


class Play:
    """One run."""

    def __init__(self, stage: Stage, plan: Plan, say: Callable[[str], None] = lambda _text: None) -> None:
        self._stage, self._plan, self._say = stage, plan, say
        self.found = Found()
        self._load = Load(stage.gateways, stage.people, self.found)

    async def run(self) -> Found:
        """Play everything. Raises: what a process that does not start raises."""
        began = time.monotonic()
        if self._plan.greet:
            await self._load.greet()
        asking = asyncio.create_task(self._load.keep_asking(self._plan.rate, self._plan.beside))
        try:
            await self._rest()
            for department, troubles in self._plan.troubles.items():
                for trouble in troubles:
                    await self._suffer(department, trouble)
            await self._lose_the_store()
            await self._rest()
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            await self._load.drain()
        self.found.seconds = time.monotonic() - began
        return self.found

    async def _rest(self) -> None:
        self._begin(Episode(CALM))
        await self._last(self._plan.calm)

    def _begin(self, episode: Episode) -> None:
        self._say(f"{episode.department or 'everybody'}: {episode.trouble}")
        self._load.episode = episode
        self.found.episodes.append(episode)

    async def _suffer(self, department: str, trouble: Trouble) -> None:
        episode = Episode(trouble.name, department, phase=Phase.EDGE)
        self._load.disturb(department, trouble.kinds)
        self._begin(episode)
        for step in trouble.steps:
            await asyncio.to_thread(self._do, department, step)
            episode.phase = Phase.DURING
            await self._last(trouble.seconds)
        episode.phase = Phase.EDGE
        await asyncio.sleep(ON_ITS_WAY)
        await asyncio.to_thread(self._undo, department, trouble.steps[-1])
        await self._recover(episode)
        del self._load.troubled[department]
        if trouble.felt:
            self._require_felt(episode)

    async def _last(self, seconds: float) -> None:
        """So long, and until all gateways have been asked meanwhile, however busy the machine is."""
        before = self._load.rounds

        async def asked() -> bool:
            return self._load.rounds != before

        await asyncio.sleep(seconds)
        await self._within_patience(asked)

    def _do(self, department: str, step: Step) -> None:
        if step == KILLED:
            self._stage.departments[department].kill()
        else:
            _scenario(self._stage.addresses[department], "PUT", json.dumps(step).encode())

    def _undo(self, department: str, step: Step) -> None:
        if step == KILLED:
            self._stage.departments[department].start()
        else:
            _scenario(self._stage.addresses[department], "DELETE")

    async def _recover(self, episode: Episode) -> None:
        """Wait until every gateway gives the department's part again, also after the last answer from the trouble."""
        load, names = self._load, {gateway.name for gateway in self._stage.gateways}
        with self._over(episode) as ended:
            await load.drain()
            drained = time.monotonic()

            async def back() -> bool:
                return {name for name, at in load.recovery.lately.items() if at >= drained} == names

            if await self._within_patience(back):
                episode.recovered = max(load.recovery.since.values()) - ended

    @contextmanager
    def _over(self, episode: Episode) -> Iterator[float]:
        """The moment at which a trouble is over. It is a fault if nothing has recovered by the end of the block."""
        episode.phase = Phase.AFTER
        self._load.recovery = Recovery()
        yield time.monotonic()
        if episode.recovered is None:
            self.found.faults[f"{episode.department} {episode.trouble}: it did not recover"] += 1

    async def _within_patience(self, recovered: Callable[[], Awaitable[bool]]) -> bool:
        until = time.monotonic() + self._plan.patience
        while time.monotonic() < until:
            if await recovered():
                return True
            await asyncio.sleep(LOOK)
        return False

    def _require_felt(self, episode: Episode) -> None:
        """A run in which nothing goes wrong shows nothing."""
        where = f"{episode.department} {episode.trouble}"
        if not any(tally.failed for tally in episode.tallies.values()):
            self.found.faults[f"{where}: nobody felt it"] += 1
        for gateway in self._stage.gateways:
            if not gateway.keeps and episode.tallies[gateway.name].well:
                self.found.faults[f"{where}: its part came all the same"] += 1

    async def _lose_the_store(self) -> None:
        address = self._stage.gateways[-1].address
        episode = Episode(AWAY, STORE, phase=Phase.EDGE)
        self._begin(episode)
        await asyncio.to_thread(self._stage.store.kill)
        episode.phase = Phase.DURING
        await self._last(self._plan.away)
        if await store_is_up(address):
            self.found.faults["the store is dead, and the gateway says that it is up"] += 1
        await asyncio.to_thread(self._stage.store.start)
        with self._over(episode) as ended:
            if await self._within_patience(lambda: store_is_up(address)):
                episode.recovered = time.monotonic() - ended


def _scenario(address: str, method: str, body: bytes | None = None) -> None:
    request = urllib.request.Request(f"{address}/_sandbox/scenario", data=body, method=method)
    with urllib.request.urlopen(request, timeout=10) as reply:
        reply.read()
