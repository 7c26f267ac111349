"""The steady small load, and what its answers are worth.

At an even rate a person asks each gateway for the whole home screen, and others ask the first gateway beside for the
parts of the healthy departments alone. What was asked while a department was in trouble may lack that department's
part, however late the answer comes; everything else is judged as if nothing had happened.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

from bench.chaos.ask import ask
from bench.chaos.found import CALM, Episode, Found, Phase, Tally
from bench.chaos.judge import Judge, Verdict
from bench.chaos.question import DEPARTMENTS, Person

FRESH = 60.0
"""Seconds: the longest that any manifest lets a person's records be fresh. After it an answer is the department's."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that is asked. One that `keeps` nothing asks the departments each time."""

    name: str
    address: str
    keeps: bool = True


@dataclass(slots=True, eq=False)
class Asked:
    """A request that is under way: `at` is when it was sent, `may` the kinds of errors in order, by department."""

    episode: Episode
    gateway: Gateway
    person: Person
    departments: Sequence[str]
    may: dict[str, frozenset[str]]
    whole: bool
    phase: Phase
    at: float = field(default_factory=time.monotonic)

    @property
    def where(self) -> str:
        """For people: which gateway, and what went on."""
        return f"{self.gateway.name}, {self.episode.department or 'nobody'} {self.episode.trouble}"


@dataclass(slots=True)
class Recovery:
    """What came of what was asked after the end of a trouble: since when each gateway answers well, and how lately."""

    since: dict[str, float] = field(default_factory=dict)
    lately: dict[str, float] = field(default_factory=dict)

    def note(self, gateway: str, at: float, *, well: bool) -> None:
        """An answer to what was asked at a moment."""
        if well:
            self.since.setdefault(gateway, at)
            self.lately[gateway] = max(at, self.lately.get(gateway, at))
        else:
            self.since.pop(gateway, None)
            self.lately.pop(gateway, None)


class Load:
    """Asks all the time. `episode` is what goes on, `troubled` which errors are in order for which department.

    `rounds` counts how often all gateways were asked.
    """

    def __init__(self, gateways: Sequence[Gateway], people: Sequence[Person], found: Found) -> None:
        self.episode = Episode(CALM)
        self.troubled: dict[str, frozenset[str]] = {}
        self.recovery = Recovery()
        self.rounds = 0
        self._gateways, self._people, self._found = gateways, people, found
        self._judge = Judge()
        self._flying: dict[asyncio.Task[None], Asked] = {}
        self._read: dict[tuple[str, str, str], float] = {}
        self._left_out = cycle(DEPARTMENTS)

    async def keep_asking(self, rate: float, beside: int) -> None:
        """Ask so often in a second, and so many more beside each time, one after the other. Until it is cancelled."""
        half = len(self._people) // 2
        whole, others = cycle(self._people), cycle([*self._people[half:], *self._people[:half]])
        pause = 1 / (rate * (1 + beside))
        while True:
            person = next(whole)
            self.rounds += 1
            for gateway in self._gateways:
                self._send(gateway, person, DEPARTMENTS, whole=True)
            for _ in range(beside):
                await asyncio.sleep(pause)
                left_out = self.episode.department if self.troubled else next(self._left_out)
                self._send(self._gateways[0], next(others), _without(left_out), whole=False)
            await asyncio.sleep(pause)

    async def greet(self) -> None:
        """Everybody asks the first gateway once, one after the other; nothing of it is measured."""
        self.episode = Episode(CALM, phase=Phase.EDGE)
        for person in self._people:
            self._send(self._gateways[0], person, DEPARTMENTS, whole=True)
            await self.drain()

    def disturb(self, department: str, kinds: frozenset[str]) -> None:
        """From now on its part may fail, also in what is under way."""
        self.troubled[department] = kinds
        for asked in self._flying.values():
            asked.may[department] = kinds

    async def drain(self) -> None:
        """Wait for what is under way now."""
        flying = [*self._flying]
        if flying:
            await asyncio.wait(flying)

    def _send(self, gateway: Gateway, person: Person, departments: Sequence[str], *, whole: bool) -> None:
        asked = Asked(
            self.episode, gateway, person, departments, dict(self.troubled), whole=whole, phase=self.episode.phase
        )
        task = asyncio.create_task(self._answered(asked))
        self._flying[task] = asked
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        asked = self._flying.pop(task)
        if error := task.exception():
            self._found.faults[f"{asked.where}: an answer that cannot be judged, {error!r}"] += 1

    async def _answered(self, asked: Asked) -> None:
        status, body = await ask(asked.gateway.address, asked.person, asked.departments)
        ended = time.monotonic()
        verdict = self._judge.judge(asked.person, asked.departments, status, body, asked.may)
        self._found.faults.update(f"{asked.where}: {one}" for one in verdict.faults)
        if asked.phase is Phase.DURING:
            self._count(asked, verdict, ended)
        elif asked.phase is Phase.AFTER and asked.whole and asked.episode is self.episode:
            self._note_recovery(asked, verdict)
        for department in verdict.served - verdict.stale.keys():
            if self._is_read(asked, department):
                self._read[asked.gateway.name, asked.person.id, department] = ended

    def _count(self, asked: Asked, verdict: Verdict, ended: float) -> None:
        if asked.whole:
            tally = asked.episode.tallies.setdefault(asked.gateway.name, Tally())
            tally.add(verdict, asked.departments, asked.episode.department)
        else:
            asked.episode.beside.append(1000 * (ended - asked.at))

    def _note_recovery(self, asked: Asked, verdict: Verdict) -> None:
        department = asked.episode.department
        if department in verdict.codes or department in verdict.stale:
            self.recovery.note(asked.gateway.name, asked.at, well=False)
        elif self._is_read(asked, department):
            self.recovery.note(asked.gateway.name, asked.at, well=True)

    def _is_read(self, asked: Asked, department: str) -> bool:
        """Whether a part that came cannot have been kept: the department itself has given it."""
        last = self._read.get((asked.gateway.name, asked.person.id, department))
        return not asked.gateway.keeps or last is None or asked.at - last > FRESH


def _without(department: str) -> Sequence[str]:
    return [name for name in DEPARTMENTS if name != department]
