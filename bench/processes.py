"""Starts processes for a measurement, the canned departments first of all, and ends them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import Cores, pin

HERE = Path(__file__).parent.parent
STARTS_WITHIN = 60.0
STOPS_WITHIN = 15.0
_HOST = "127.0.0.1"


class NotStarted(Exception):
    """A process ended, or said nothing, before it was ready."""


@dataclass(frozen=True, slots=True)
class Departments:
    """The canned departments: one process, an address for each, `issuer` and the peers' `plain` among them."""

    pid: int
    addresses: Mapping[str, str]

    def tokens(self, count: int) -> list[str]:
        """A token for each of the first `count` persons."""
        found: list[str] = _get(f"{self.addresses['issuer']}/tokens?count={count}", STOPS_WITHIN + count / 200)
        return found

    def calls(self) -> int:
        """Calls to all departments so far; the issuer is none."""
        return sum(_get(f"{where}/-/calls") for name, where in self.addresses.items() if name != "issuer")

    def hold(self, name: str) -> None:
        """Let a department take calls and answer none."""
        _get(f"{self.addresses[name]}/-/hold")

    def release(self, name: str) -> None:
        """Let it answer again, first of all what it has taken meanwhile."""
        _get(f"{self.addresses[name]}/-/release")


@dataclass(frozen=True, slots=True)
class Serving:
    """What is under measurement: the processes that it was started as, and where it answers."""

    pids: tuple[int, ...]
    addresses: tuple[str, ...]


@contextmanager
def departments(rows: int, cores: Cores) -> Iterator[Departments]:
    """Canned departments whose lists have `rows` entries. Raises: NotStarted."""
    command = [sys.executable, "-m", "bench.departments", str(rows)]
    with running(command, cores, cwd=HERE, environment=os.environ) as process:
        yield Departments(process.pid, json.loads(first_line(process)))


@contextmanager
def running(
    command: Sequence[str], cores: Cores, *, cwd: Path, environment: Mapping[str, str], log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block: its input ends, it gets Ctrl-C, and at last it is killed.

    `log` takes all that it says; without one, its output is to be read here.
    """
    pipe = subprocess.PIPE
    with log.open("w") if log else nullcontext() as said:
        process = subprocess.Popen(
            command,
            stdin=pipe,
            stdout=said or pipe,
            stderr=subprocess.STDOUT if said else None,
            text=True,
            cwd=cwd,
            env=dict(environment),
        )
        pin(process.pid, cores)
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.send_signal(signal.SIGINT)  # Ctrl-C: the gateway then ends by itself, and a profile is written
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def first_line(process: subprocess.Popen[str]) -> str:
    """The first line that a process prints. Raises: NotStarted."""
    assert process.stdout is not None
    alarm = threading.Timer(STARTS_WITHIN, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    if not line:
        raise NotStarted(f"{process.args!r} ended with status {process.wait()} before it was ready")
    return line


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[str]) -> str:
    """The address of a process once it takes connections at a port. Raises: NotStarted."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return f"http://{_HOST}:{port}"
    raise NotStarted(f"{process.args!r} does not take connections at port {port}")


def _get(url: str, within: float = STOPS_WITHIN) -> Any:
    with urllib.request.urlopen(url, timeout=within) as answer:
        return json.load(answer)
