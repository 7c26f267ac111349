"""Starts the city: every department server and the issuer, each a process of its own on a loopback port."""

import asyncio
import json
import pkgutil
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self
from urllib.parse import urlsplit

import sandbox.departments
from sandbox.serve import ISSUER

PATIENCE = 20.0


class LaunchError(RuntimeError):
    """A server did not start; the message names it and says how it ended."""


def discover() -> list[str]:
    """The names of all department servers, by their modules in `sandbox.departments`."""
    return sorted(module.name for module in pkgutil.iter_modules(sandbox.departments.__path__))


class SandboxCity:
    """A running city, as a context manager or an asynchronous one.

    `departments` are names or dotted modules; by default all that exist. With `base_port` the issuer gets
    that port and the departments the next ones, else each a free one. A server keeps its address for as long
    as the city runs, also across `stop` and `start`. The servers die with this process, however it ends.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        data: Path | None = None,
        base_port: int | None = None,
        departments: Sequence[str] | None = None,
    ) -> None:
        names = [ISSUER, *(discover() if departments is None else departments)]
        self._ports = {name: 0 if base_port is None else base_port + at for at, name in enumerate(names)}
        self._options = ["--seed", str(seed), *([] if data is None else ["--data", str(data)])]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.addresses: dict[str, str] = {}

    def start(self, *names: str) -> None:
        """Starts servers, all of them when none is named, and waits until they answer.

        Raises: LaunchError.
        """
        wanted = [name for name in names or self._ports if name not in self._processes]
        for name in wanted:
            self._processes[name] = self._spawn(name)
        try:
            self._await_ready(wanted)
        except BaseException:
            self.stop(*wanted)
            raise

    def stop(self, *names: str) -> None:
        """Ends servers, all of them when none is named, and waits until they are gone.

        Raises: KeyError for one that is not running.
        """
        ended = [self._processes.pop(name) for name in names or list(self._processes)]
        for process in ended:
            process.terminate()
        for process in ended:
            _wait_or_kill(process)

    def pid(self, name: str) -> int:
        """The process id of a running server. Raises: KeyError."""
        return self._processes[name].pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        # The module's name, not its path: the child imports what this process would.
        command = [sys.executable, "-m", "sandbox.serve", name, "--with-parent", *self._options]
        return subprocess.Popen(  # noqa: S603  our own interpreter and arguments
            [*command, "--port", str(self._ports[name])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def _await_ready(self, names: Sequence[str]) -> None:
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            for name in names:
                selector.register(_stdout(self._processes[name]), selectors.EVENT_READ, name)
            while selector.get_map():
                events = selector.select(deadline - time.monotonic())
                if not events:
                    waiting = sorted(key.data for key in selector.get_map().values())
                    raise LaunchError(f"{', '.join(waiting)}: no answer within {PATIENCE:g} s")
                for key, _ in events:
                    selector.unregister(key.fileobj)
                    self._note_address(key.data)

    def _note_address(self, name: str) -> None:
        line = _stdout(self._processes[name]).readline()
        if not line:
            status = self._processes[name].wait()
            raise LaunchError(f"{name}: ended with status {status} before it answered")
        address: str = json.loads(line)["address"]
        self.addresses[name] = address
        self._ports[name] = urlsplit(address).port or 0


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
