"""Several workers as real processes: shared load, a killed worker, a reload under requests, a graceful end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from gateway.settings import ROOT
from tests.end_to_end.gateway import PATIENCE, address_in

BODY = b'{"query": "{ viewr { name } }"}'  # misspelt: the answer suggests the right name, or not, as configured
HEAD = (
    b"POST /graphql HTTP/1.1\r\nhost: citygate.example\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
)
REQUEST = HEAD % len(BODY) + BODY
SUGGESTING, SILENT = "true", "false"


@dataclass
class Served:
    """A running `citygate serve` with its configuration, and what it has said on standard error."""

    process: subprocess.Popen[bytes]
    folder: Path
    log: Path
    port: int = 0

    def configure(self, *, suggestions: str = SUGGESTING, **more: str) -> None:
        configure(self.folder, suggestions=suggestions, **more)

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def said(self) -> str:
        return self.log.read_text()

    def says(self, text: str) -> bool:
        return text in self.said()

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110  # another process's state
                await asyncio.sleep(0.02)


def configure(
    folder: Path,
    *,
    suggestions: str = SUGGESTING,
    store: str = "memory://",
    issuer: str = "http://127.0.0.1:9",
    host: str = "127.0.0.1",
) -> None:
    (folder / "departments.yaml").write_text("departments: {}\n")
    (folder / "gateway.yaml").write_text(
        f"identity:\n  issuer: {issuer}\nstore: {store}\ngraphql:\n  suggestions: {suggestions}\n"
        f"listen:\n  host: {host}\n"
    )


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Served]:
    configure(folder)
    log = folder / "log"
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(folder), "--port", "0", *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=file, start_new_session=True)
    served = Served(process, folder, log)
    try:
        served.port = int(address_in(process).rpartition(":")[2])
        yield served
    finally:
        process.terminate()
        status = process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()
    assert status == 0, served.said()
    assert "Traceback" not in served.said()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, "--workers", "2") as served:
        yield served


class Client:
    """One connection, which can tell whether the gateway has announced its end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.ends = False

    @property
    def port(self) -> int:
        port: int = self.writer.get_extra_info("sockname")[1]
        return port

    async def ask(self, request: bytes = REQUEST) -> bytes:
        """The body of the answer, which must be that of a document that does not fit."""
        self.writer.write(request)
        return await self.answer()

    async def answer(self) -> bytes:
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 422 "), head
        self.ends = b"\r\nconnection: close\r\n" in head
        length = re.search(rb"content-length: (\d+)", head)
        assert length
        return await self.reader.readexactly(int(length[1]))


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@dataclass
class Load:
    """Clients that ask until told to stop."""

    port: int
    answers: Counter[bool] = field(default_factory=Counter)
    stopped: bool = False

    async def keeping(self, pause: float) -> None:
        """Ask on one connection until the gateway says that it ends."""
        while not self.stopped:
            async with connected(self.port) as client:
                while not (client.ends or self.stopped):
                    self.count(await client.ask())
                    await asyncio.sleep(pause)

    async def changing(self) -> None:
        """Ask each time on a new connection."""
        while not self.stopped:
            async with connected(self.port) as client:
                self.count(await client.ask())

    def count(self, answer: bytes) -> None:
        self.answers[b"Did you mean" in answer] += 1


@asynccontextmanager
async def load(port: int) -> AsyncIterator[Load]:
    """Load for as long as the block lasts; a request without a right answer fails it."""
    running = Load(port)
    async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as group:
        for client in (running.keeping(0), running.keeping(0.1), running.keeping(0.3), running.changing()):
            group.create_task(client)
        try:
            yield running
        finally:
            running.stopped = True


async def test_a_reload_loses_no_request_and_takes_the_new_configuration(two: Served) -> None:
    before = two.workers()
    async with load(two.port) as running:
        await two.until(lambda: running.answers[True] > 50)
        two.configure(suggestions=SILENT, host="127.0.0.2")
        two.process.send_signal(signal.SIGHUP)
        await two.until(lambda: running.answers[False] > 50 and "have taken over" in two.said())
        await two.until(lambda: len(two.workers()) == 2)
        seen = running.answers[False]
        await two.until(lambda: running.answers[False] > seen + 50)
    assert not set(before) & set(two.workers())
    assert "a change of listen needs a restart" in two.said()
    async with connected(two.port) as client:
        assert b"Did you mean" not in await client.ask()
    await two.until(lambda: refused(two) == running.answers.total() + 1)  # those of the workers before, too


def refused(served: Served) -> float:
    """Refused requests, by the numbers that any worker gives of all."""
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/metrics", timeout=PATIENCE) as answer:
        (found,) = re.findall(rb'^citygate_requests_total{outcome="refused"} (\d+)$', answer.read(), re.MULTILINE)
    return float(found)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"issuer": "nowhere"}, r"SIGHUP: refused.*gateway\.yaml:2: identity\.issuer: "),
        ({"store": "ftp://x"}, r"SIGHUP: refused.*ftp"),
    ],
)
async def test_a_wrong_configuration_is_refused_and_the_workers_stay(
    two: Served, wrong: dict[str, str], said: str
) -> None:
    before = two.workers()
    async with load(two.port) as running:
        two.configure(suggestions=SILENT, **wrong)
        two.process.send_signal(signal.SIGHUP)
        await two.until(lambda: re.search(said, two.said()))
        await two.until(lambda: sorted(two.workers()) == sorted(before))
        seen = running.answers.total()
        await two.until(lambda: running.answers.total() > seen + 50)
    assert running.answers[False] == 0
    assert len([line for line in two.said().splitlines() if "memory://" not in line]) == 1
    two.configure(suggestions=SILENT)
    two.process.send_signal(signal.SIGHUP)
    await two.until(lambda: "have taken over" in two.said())


async def test_a_killed_worker_takes_only_its_own_connections_along_and_is_replaced(two: Served) -> None:
    killed, spared = two.workers()
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(two.port)) for _ in range(20)]
        for client in clients:
            await client.ask()
        owners = {client: owner(two.port, client.port, [killed, spared]) for client in clients}
        assert set(owners.values()) == {killed, spared}, "the kernel gave all of 20 connections to one worker"
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_asking([client for client in clients if owners[client] == spared], two))
            os.kill(killed, signal.SIGKILL)
            for client in (client for client in clients if owners[client] == killed):
                with pytest.raises((OSError, asyncio.IncompleteReadError)):
                    await client.ask()
            for _ in range(20):  # some of these wait for the replacement
                async with connected(two.port) as client:
                    await client.ask()
    assert spared in two.workers()
    assert len(two.workers()) == 2
    said = [line for line in two.said().splitlines() if "SIGKILL" in line]
    assert len(said) == 1
    assert re.fullmatch(
        rf"citygate: worker \d \(process {killed}\) was ended by SIGKILL; another one starts now", said[0]
    )


async def keep_asking(clients: list[Client], served: Served) -> None:
    """Ask on kept connections until the killed worker has been replaced."""
    async with asyncio.timeout(PATIENCE):
        while "another one starts" not in served.said() or len(served.workers()) < 2:
            for client in clients:
                await client.ask()


def owner(served: int, port: int, pids: list[int]) -> int:
    """Which process has the other end of a connection from a local port to the one that is served."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    (inode,) = (row[9] for row in rows if (row[1][-5:], row[2][-5:]) == (f":{served:04X}", f":{port:04X}"))
    (pid,) = (pid for pid in pids if f"socket:[{inode}]" in descriptors(pid))
    return pid


def descriptors(pid: int) -> set[str]:
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.add(str(each.readlink()))
    return found


async def test_a_worker_that_keeps_dying_is_given_a_pause_and_the_other_serves(two: Served) -> None:
    spared = two.workers()[1]
    for _ in range(2):
        (victim,) = set(two.workers()) - {spared}
        os.kill(victim, signal.SIGKILL)
        await two.until(partial(two.says, f"(process {victim}) was ended"))
        await two.until(lambda: len(two.workers()) == 2 or " in 1 s" in two.said())
    assert "another one starts in 1 s" in two.said()
    async with connected(two.port) as client:
        await client.ask()
    await two.until(lambda: len(two.workers()) == 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("count", ["1", "2"])
async def test_a_stop_lets_running_requests_finish(tmp_path: Path, count: str, number: signal.Signals) -> None:
    with serving(tmp_path, "--workers", count) as served:
        async with connected(served.port) as slow, connected(served.port) as idle:
            await idle.ask()
            slow.writer.write(REQUEST[:-1])
            await slow.writer.drain()
            await asyncio.sleep(0.2)  # until the endpoint waits for the body
            served.process.send_signal(number)
            assert await idle.reader.read() == b""
            await slow.ask(REQUEST[-1:])
            assert await slow.reader.read() == b""
        assert served.process.wait(PATIENCE) == 0
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", served.port)).close()


async def test_workers_end_when_their_supervisor_is_gone(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), serving(tmp_path, "--workers", "2") as served:
        workers = served.workers()
        served.process.kill()
        await served.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_workers_refuse_a_port_in_use_and_a_configuration_that_cannot_be_used(tmp_path: Path, two: Served) -> None:
    def start(port: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(tmp_path), "--workers", "2"]
        return subprocess.run(
            [*command, "--port", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    taken = start(two.port)
    assert (taken.returncode, f"127.0.0.1:{two.port}" in taken.stderr) == (1, True)
    two.configure(store="ftp://x")
    refused = start(0)
    assert (refused.returncode, "ftp" in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)


def test_workers_with_a_store_in_memory_say_what_that_means(two: Served) -> None:
    assert "each worker keeps its own answers" in two.said()


async def test_one_process_says_that_it_cannot_reload_and_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        served.process.send_signal(signal.SIGHUP)
        await served.until(lambda: "cannot reload" in served.said())
        async with connected(served.port) as client:
            await client.ask()


@pytest.mark.parametrize("count", ["1", "2"])
async def test_fifty_half_open_connections_keep_nobody_waiting(tmp_path: Path, count: str) -> None:
    with serving(tmp_path, "--workers", count) as served:
        async with AsyncExitStack() as stack:
            for said in [b"", REQUEST[:1], REQUEST[:40], REQUEST[:-30], REQUEST[:-1]] * 10:
                slow = await stack.enter_async_context(connected(served.port))
                slow.writer.write(said)
                await slow.writer.drain()
            for _ in range(20):
                async with connected(served.port) as client:
                    await client.ask()
