"""One worker process as its supervisor sees it, and what runs in it."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Protocol

import click

from adapters.contract.yaml_file import Misconfigured
from gateway import logs
from gateway.board import Page
from gateway.commands import server
from gateway.settings import Settings

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_fork = multiprocessing.get_context("fork")


class _Closable(Protocol):
    def close(self) -> None: ...


class Worker:
    """A started worker of a slot. It is `ready` once it takes requests, or `refused` says why it cannot.

    The two ends talk over `channel`: the worker says once that it is ready or refused; when the supervisor closes its
    end, or is gone, the worker hands over and ends.
    """

    def __init__(
        self, slot: int, page: Page, settings: Settings, bound: socket.socket, not_its_own: Sequence[_Closable]
    ) -> None:
        self.slot, self.page = slot, page
        self.started = time.monotonic()
        self.ready = False
        self.refused = ""
        self.channel, other_end = _fork.Pipe()
        work = (settings, page, bound, other_end, (self.channel, *not_its_own))
        self._process = _fork.Process(target=_work, args=work, name=f"worker {slot}")
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until the child has handlers of its own
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            other_end.close()
        self._name = f"worker {slot} (process {self._process.pid})"

    def __str__(self) -> str:
        return self._name

    @property
    def sentinel(self) -> int:
        """A descriptor that is readable once the process has ended."""
        return self._process.sentinel

    def hear(self) -> None:
        """Take what the worker has said; `channel` is closed when it will say nothing more."""
        try:
            self.refused = self.channel.recv()
            self.ready = not self.refused
        except (EOFError, OSError):
            self.channel.close()

    def retire(self) -> None:
        """Let it hand over to the others, and end."""
        self.channel.close()

    def stop(self) -> None:
        """Let it finish its requests, and end."""
        self._process.terminate()

    def end(self, seconds: float) -> str:
        """Wait for its end, at last by force: how it ended, in words."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self.channel.close()
        status = self._process.exitcode or 0
        self._process.close()
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _work(
    settings: Settings, page: Page, bound: socket.socket, channel: Connection, not_its_own: Iterable[_Closable]
) -> None:
    for each in not_its_own:
        each.close()
    logs.install()
    _listen_to_own_signals()
    try:
        running = server.Server(settings, lambda: _ready(running, channel), page)
    except (Misconfigured, FileNotFoundError) as exc:
        channel.send(str(exc))
        sys.exit(2)
    running.run(sockets=[bound])


def _ready(running: server.Server, channel: Connection) -> None:
    asyncio.get_running_loop().add_reader(channel.fileno(), _handed_over, running, channel)
    channel.send("")


def _handed_over(running: server.Server, channel: Connection) -> None:
    asyncio.get_running_loop().remove_reader(channel.fileno())
    running.hand_over()


def _listen_to_own_signals() -> None:
    """Ctrl-C reaches all processes of a terminal; the supervisor says what follows from it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    server.end_cleanly_on_sigterm()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def say(text: str) -> None:
    """One line for the operator."""
    click.echo(f"citygate: {text}", err=True)
