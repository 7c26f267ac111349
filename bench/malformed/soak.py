"""The soak: malformed requests of every class in turn against one served process, beside a client that behaves well."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import Random

from bench.machine import cores, resident_mib
from bench.malformed.classes import classes
from bench.malformed.request import Malformed, http
from bench.processes import HERE, departments, free_port, running, wait_for
from bench.subjects import environment_of

Say = Callable[[str], None]
HOST = "127.0.0.1"
CONNECTIONS = 16
PATIENCE = 20.0
"""Seconds that an answer may take here: the machine may be busy."""
PAUSE = 0.02
"""Seconds between two requests of the client that behaves well."""
FILLING = 5000
"""Requests of those classes that are answered after all, before the soak begins, and as many of all classes: documents,
their plans, who asked and what was seen are remembered within bounds, and those are reached by then."""
SAMPLES = 20
MOST_HELD = 50.0
"""Milliseconds of CPU for which the loop may be held."""
MOST_GROWTH = 1.05
"""Memory at the end over memory once it was filled."""
ALARMING = ("Traceback", "unexpected ", "Task exception", "Exception in ASGI")
"""What a log line of a fault of the gateway's own has."""


@dataclass
class Found:
    """What came of it. Memory in MiB, times in milliseconds; `faults` are what must not be, and of which class;
    `answered` are the classes of which one got a 2xx.
    """

    requests: int = 0
    classes: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    filled: float = 0.0
    resident: list[float] = field(default_factory=list)
    held: float = 0.0
    waited: list[float] = field(default_factory=list)
    seconds: float = 0.0
    log: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Memory at the end over memory once it was filled, or over that of the first sample."""
        return self.resident[-1] / (self.filled or self.resident[0])

    def broken(self) -> list[str]:
        """Which promises were broken."""
        broken = [*self.faults, *(line for line in self.log if any(word in line for word in ALARMING))]
        if self.held > MOST_HELD:
            broken.append(f"the loop was held for {self.held:.1f} ms of CPU; at most {MOST_HELD:g} are allowed")
        if self.growth > MOST_GROWTH:
            broken.append(f"memory grew by {self.growth:.3f}; at most {MOST_GROWTH:g} is allowed")
        return broken

    def as_object(self) -> dict[str, object]:
        """Everything as JSON has it."""
        waited = sorted(self.waited)
        return {
            "requests": self.requests,
            "classes": self.classes,
            "statuses": dict(sorted(self.statuses.items())),
            "broken": self.broken()[:20],
            "loop held at most, ms of CPU": round(self.held, 1),
            "well-behaved client: requests": len(waited),
            "well-behaved client: worst, ms": round(waited[-1], 1),
            "well-behaved client: median, ms": round(waited[len(waited) // 2], 1),
            "MiB when filled": round(self.filled, 1),
            "MiB": [round(one, 1) for one in self.resident],
            "MiB at the end / when filled": round(self.growth, 3),
            "seconds": round(self.seconds, 1),
            "log": dict(Counter(self.log).most_common(10)),
        }


@dataclass(frozen=True, slots=True)
class Gateway:
    """The served process."""

    pid: int
    port: int
    held_in: Path

    def held(self) -> float:
        """Milliseconds that its loop was held at most since the soak began."""
        os.kill(self.pid, signal.SIGUSR2)
        until = time.monotonic() + PATIENCE
        while not self.held_in.exists() and time.monotonic() < until:
            time.sleep(0.05)
        held: float = json.loads(self.held_in.read_text())["held"]
        return held


@contextmanager
def gateway(tree: Path) -> Iterator[tuple[Gateway, str, Path]]:
    """A watched gateway of a source tree on a core of its own, somebody's token, and the file of what it says."""
    ours, theirs = cores()
    with tempfile.TemporaryDirectory(prefix="malformed-") as folder, departments(3, theirs) as before:
        held, log, port = Path(folder, "held.json"), Path(folder, "log"), free_port()
        command = [sys.executable, "-P", str(HERE / "bench" / "watched.py"), str(held), "serve", "--port", str(port)]
        environment = environment_of(before, hot=True)
        with running(command, ours, cwd=tree, environment=environment, log=log) as process:
            wait_for(port, process)
            yield Gateway(process.pid, port, held), before.tokens(1)[0], log


def soak(tree: Path, requests: int, *, filling: int = FILLING, seed: int = 1, say: Say = lambda _text: None) -> Found:
    """Send so many malformed requests, after so many that fill what is bounded. Raises: NotStarted."""
    with gateway(tree) as (served, token, log):
        found = asyncio.run(_Soak(served, classes(token), Random(seed), say).run(requests, filling))
        found.log = log.read_text().splitlines()
    return found


class _Soak:
    def __init__(self, served: Gateway, kinds: Sequence[Malformed], random: Random, say: Say) -> None:
        self._served, self._kinds, self._random, self._say = served, kinds, random, say
        self._found = Found(classes=len(kinds))
        self._over = asyncio.Event()

    async def run(self, requests: int, filling: int) -> Found:
        found, began = self._found, time.monotonic()
        await self._polite_once()
        os.kill(self._served.pid, signal.SIGUSR1)
        client = asyncio.create_task(self._behave_well())
        if filling:
            await self._fill(filling)
        coming = islice(cycle(self._kinds), requests)
        for share in range(SAMPLES):
            batch = list(islice(coming, requests // SAMPLES + (share < requests % SAMPLES)))
            await self._send_all(iter(batch))
            found.resident.append(resident_mib([self._served.pid]))
            self._say(f"{found.requests:7} requests  {found.resident[-1]:6.1f} MiB  {len(found.faults)} faults")
        self._over.set()
        await client
        found.held = self._served.held()
        found.seconds = time.monotonic() - began
        return found

    async def _fill(self, requests: int) -> None:
        """Send each class once, then those again whose documents are remembered, then all again."""
        await self._send_all(iter(self._kinds))
        lasting = [kind for kind in self._kinds if kind.name in self._found.answered]
        await self._send_all(islice(cycle(lasting), requests))
        await self._send_all(islice(cycle(self._kinds), requests))
        self._found.filled = resident_mib([self._served.pid])
        self._found.requests = 0
        self._say(f"filled, by {requests} requests of {len(lasting)} classes and of all: {self._found.filled:.1f} MiB")

    async def _send_all(self, batch: Iterator[Malformed]) -> None:
        async def lane() -> None:
            for kind in batch:  # one iterator for all lanes
                await self._send(kind)

        await asyncio.gather(*(lane() for _ in range(CONNECTIONS)))

    async def _send(self, kind: Malformed) -> None:
        found = self._found
        found.requests += 1
        try:
            async with asyncio.timeout(PATIENCE):
                status = await self._exchange(kind.make(self._random), whole=kind.whole)
        except TimeoutError:
            status = "no answer"
            found.faults.append(f"{kind.name}: no answer")
        except ConnectionRefusedError:
            status = "refused"
            found.faults.append(f"{kind.name}: the gateway takes no connections")
        found.statuses[status] += 1
        if status.startswith("2"):
            found.answered.add(kind.name)
        if status.startswith("5"):
            found.faults.append(f"{kind.name}: {status}")

    async def _exchange(self, raw: bytes, *, whole: bool) -> str:
        """The status of the first answer, or how the connection ended."""
        reader, writer = await asyncio.open_connection(HOST, self._served.port)
        try:
            with suppress(ConnectionError):
                writer.write(raw)
                if not whole:
                    await writer.drain()
                    return "left"
                line = await reader.readline()
                return line.split()[1].decode("latin-1") if line.startswith(b"HTTP/1.1 ") else "closed"
            return "reset"
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _behave_well(self) -> None:
        while not self._over.is_set():
            self._found.waited.append(await self._polite_once())
            await asyncio.sleep(PAUSE)

    async def _polite_once(self) -> float:
        """Milliseconds that an honest request took, which must be answered well."""
        body = b'{"query": "{ departments { name operations } }"}'
        raw = http("POST", "/graphql", {"Content-Type": "application/json", "Connection": "close"}, body)
        began = time.monotonic()
        reader, writer = await asyncio.open_connection(HOST, self._served.port)
        writer.write(raw)
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        writer.close()
        if not (answer.startswith(b"HTTP/1.1 200 ") and b'"hotline"' in answer):
            self._found.faults.append("the client that behaves well was not answered")
        return (time.monotonic() - began) * 1000
