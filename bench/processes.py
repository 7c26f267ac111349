"""Starts the canned departments and the real gateway in front of them, and ends both."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import pin

HERE = Path(__file__).parent.parent
STARTS_WITHIN = 60.0
STOPS_WITHIN = 15.0
COLD_STORE = "memory://?max_bytes=64KiB"
"""The smallest store: everything of a person is gone again before the person's next turn."""


class NotStarted(Exception):
    """A process ended, or said nothing, before it was ready."""


@dataclass(frozen=True, slots=True)
class Departments:
    """The canned departments: one process, an address for each, `issuer` among them."""

    pid: int
    addresses: Mapping[str, str]

    def tokens(self, count: int) -> list[str]:
        """A token for each of the first `count` persons."""
        found: list[str] = _get(f"{self.addresses['issuer']}/tokens?count={count}")
        return found

    def calls(self) -> int:
        """Calls to all departments so far; the issuer is none."""
        return sum(_get(f"{where}/-/calls") for name, where in self.addresses.items() if name != "issuer")


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway under measurement."""

    pid: int
    address: str


@contextmanager
def departments(rows: int, core: int | None) -> Iterator[Departments]:
    """Canned departments whose lists have `rows` entries. Raises: NotStarted."""
    command = [sys.executable, "-m", "bench.departments", str(rows)]
    with _running(command, core, cwd=HERE, environment=os.environ) as process:
        yield Departments(process.pid, json.loads(_line(process)))


@contextmanager
def gateway(tree: Path, before: Departments, core: int | None, *, hot: bool, profile: Path | None) -> Iterator[Gateway]:
    """`citygate serve` of a source tree, with its own configuration, in front of canned departments.

    `hot` keeps its store; otherwise it has the smallest one. `profile` is where cProfile writes at the end.
    Raises: NotStarted.
    """
    python = [sys.executable, *(["-m", "cProfile", "-o", str(profile)] if profile else [])]
    command = [*python, "-m", "gateway", "serve", "--host", "127.0.0.1", "--port", "0"]
    with _running(command, core, cwd=tree, environment=_environment(before, hot=hot)) as process:
        found = re.search(r"http://[\d.]+:\d+", _line(process))
        if found is None:
            raise NotStarted(f"{' '.join(command)}: its first line has no address")
        yield Gateway(process.pid, found.group())


def _environment(before: Departments, *, hot: bool) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CITYGATE_")}
    addresses = {f"CITYGATE_ADDRESS_{name.upper()}": where for name, where in before.addresses.items()}
    cold = {} if hot else {"CITYGATE_STORE": COLD_STORE}
    return {**inherited, **addresses, **cold, "CITYGATE_ISSUER": before.addresses["issuer"], "PYTHONUNBUFFERED": "1"}


@contextmanager
def _running(
    command: Sequence[str], core: int | None, *, cwd: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block: its input ends, it gets Ctrl-C, and at last it is killed."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=cwd, env=dict(environment))
    pin(process.pid, core)
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    process.send_signal(signal.SIGINT)  # Ctrl-C: the gateway then ends by itself, and a profile is written
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _line(process: subprocess.Popen[str]) -> str:
    """The first line that a process prints."""
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


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=STOPS_WITHIN) as answer:
        return json.load(answer)
