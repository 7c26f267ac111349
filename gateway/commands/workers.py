"""Several processes at one address: started, replaced when they die, renewed by SIGHUP, ended together.

Each slot has a socket of its own at the shared address, which this supervisor keeps: the kernel spreads connections
evenly over the sockets, and what waits on one outlives the worker that had it. Workers are forked, so that a
replacement takes requests in a fraction of the time that the imports take. The supervisor itself opens no connection
and starts no thread.
"""

from __future__ import annotations

import gc
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any

import click

from adapters.contract.yaml_file import Misconfigured
from gateway.board import Board, Page
from gateway.commands import server
from gateway.commands.worker import SIGNALS, Worker, say
from gateway.settings import Settings

STEADY_AFTER = 60.0
"""Seconds after which a worker's death is not held against its slot."""
LONGEST_PAUSE = 30.0
GENERATIONS = 8
"""Workers that a slot may have at the same time: one that takes requests, one that is to, and some that end."""
ENDS_WITHIN = server.STOPS_WITHIN + 10.0
"""Seconds until a worker that was told to stop is killed: requests, and traces for a collector that is away."""


def run(settings: Settings, *, reload: Callable[[], Settings], ready: Callable[[str], None]) -> None:
    """Serve with `listen.workers` processes until told to stop; at SIGHUP, with what `reload` gives.

    Raises: click.ClickException when the address cannot be bound or a worker does not start; what `build_app` raises.
    """
    if settings.gateway.store.startswith("memory:"):
        say("store is memory://: each worker keeps its own answers and knows nothing of the others' mutations")
    gc.freeze()  # what is imported is shared by all workers for as long as nobody writes to it
    _Supervisor(settings, reload, ready).run()


@dataclass(slots=True)
class _Slot:
    """A place for one worker. Without a `bound` it takes no connections, until it is `due` (monotonic seconds)."""

    number: int
    bound: socket.socket | None
    worker: Worker | None = None
    deaths: int = 0
    due: float | None = None


class _Supervisor:
    def __init__(self, settings: Settings, reload: Callable[[], Settings], ready: Callable[[str], None]) -> None:
        self._settings, self._load, self._ready = settings, reload, ready
        listen = settings.gateway.listen
        bound = server.bind(listen, listen.workers)
        self._port: int = bound[0].getsockname()[1]
        self._address = server.address_of(bound[0])
        self._slots = [_Slot(number, each) for number, each in enumerate(bound, 1)]
        self._next: list[Worker] = []
        self._next_settings = settings
        self._leaving: list[Worker] = []
        self._pages = GENERATIONS * listen.workers
        self._board = Board(self._pages)
        self._up = False
        self._stopping = False
        self._signals, self._wakes = socket.socketpair()

    def run(self) -> None:
        self._listen_to_signals()
        try:
            self._renew(self._settings)
            while not self._stopping:
                self._turn()
        finally:
            self._end_all()

    def _listen_to_signals(self) -> None:
        for end in (self._signals, self._wakes):
            end.settimeout(0)
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, lambda _number, _frame: None)  # the byte in the socket says it

    def _turn(self) -> None:
        """Wait until something happens, and do what follows from it."""
        waited_for: list[Any] = [self._signals]
        for worker in self._workers():
            waited_for += [worker.sentinel, *(() if worker.channel.closed else (worker.channel,))]
        happened = wait(waited_for, self._pause())
        if self._signals in happened:
            self._heed(set(self._signals.recv(64)))
        for worker in self._workers():
            if worker.channel in happened:
                worker.hear()
                self._heard(worker)
            if worker.sentinel in happened:
                self._ended(worker)
        self._start_what_is_due()

    def _workers(self) -> list[Worker]:
        return [*(slot.worker for slot in self._slots if slot.worker), *self._next, *self._leaving]

    def _pause(self) -> float | None:
        due = [slot.due for slot in self._slots if slot.due is not None]
        return max(min(due) - time.monotonic(), 0) if due else None

    def _heed(self, numbers: set[int]) -> None:
        if numbers & {signal.SIGTERM, signal.SIGINT}:
            self._stopping = True
        elif signal.SIGHUP in numbers and (self._next or not self._up):
            say("SIGHUP: workers are being started already; send it again when they take requests")
        elif signal.SIGHUP in numbers:
            self._reload()

    def _reload(self) -> None:
        try:
            settings = self._load()
        except (Misconfigured, OSError) as exc:
            self._refuse(str(exc))
            return
        if settings.gateway.listen != self._settings.gateway.listen:
            say("SIGHUP: a change of listen needs a restart; the rest is taken")
        self._renew(settings)

    def _renew(self, settings: Settings) -> None:
        """Start a worker in each slot with these settings; once all take requests, they replace those before."""
        self._next_settings = settings
        for slot in self._slots:
            self._next.append(self._start(slot, settings))

    def _start(self, slot: _Slot, settings: Settings) -> Worker:
        if slot.bound is None:
            slot.bound = server.bind_again(self._settings.gateway.listen, self._port)
        others = [other.bound for other in self._slots if other.bound and other is not slot]
        channels = [worker.channel for worker in self._workers()]
        return Worker(
            slot.number, self._free_page(), settings, slot.bound, [*others, *channels, self._signals, self._wakes]
        )

    def _free_page(self) -> Page:
        """The first page that is no worker's: mostly that of the one whose place it is to take."""
        taken = {worker.page.number for worker in self._workers()}
        return Page(self._board, min(set(range(self._pages)) - taken, default=0))

    def _heard(self, worker: Worker) -> None:
        if worker in self._next and worker.refused:
            self._refuse(worker.refused)
        elif worker.refused and worker not in self._leaving:
            say(f"{worker} cannot start: {worker.refused}")
        elif self._next and all(each.ready for each in self._next):
            self._switch()

    def _refuse(self, reason: str) -> None:
        if not self._up:
            raise Misconfigured(reason)
        say(f"SIGHUP: refused, and all stays as it was: {reason}")
        self._drop_next()

    def _drop_next(self) -> None:
        for worker in self._next:
            worker.stop()
        self._leaving += self._next
        self._next = []

    def _switch(self) -> None:
        for slot, worker in zip(self._slots, self._next, strict=True):
            if slot.worker:
                slot.worker.retire()
                self._leaving.append(slot.worker)
            slot.worker, slot.deaths, slot.due = worker, 0, None
        self._next = []
        self._settings = self._next_settings
        if self._up:
            say(f"SIGHUP: {len(self._slots)} workers with the new configuration have taken over")
        else:
            self._ready(self._address)
        self._up = True

    def _ended(self, worker: Worker) -> None:
        how = worker.end(1)
        if worker in self._leaving:
            self._leaving.remove(worker)
        elif worker in self._next:
            self._next.remove(worker)
            if not self._up:
                raise click.ClickException(f"{worker} {how} before it took requests; see above")
            self._refuse(f"{worker} {how} before it took requests")
        else:
            self._replace(worker, how)

    def _replace(self, worker: Worker, how: str) -> None:
        slot = self._slots[worker.slot - 1]
        slot.deaths = 1 if time.monotonic() - worker.started > STEADY_AFTER else slot.deaths + 1
        pause = min(2.0 ** (slot.deaths - 2), LONGEST_PAUSE) if slot.deaths > 1 else 0.0
        slot.worker, slot.due = None, time.monotonic() + pause
        if pause and slot.bound:  # nobody is to wait in this slot's queue for so long
            slot.bound.close()
            slot.bound = None
        say(f"{worker} {how}; another one starts {f'in {pause:g} s' if pause else 'now'}")

    def _start_what_is_due(self) -> None:
        for slot in self._slots:
            if slot.due is not None and slot.due <= time.monotonic():
                slot.due = None
                slot.worker = self._start(slot, self._settings)

    def _end_all(self) -> None:
        for slot in self._slots:
            if slot.bound:
                slot.bound.close()
        workers = self._workers()
        for worker in workers:
            worker.stop()
        until = time.monotonic() + ENDS_WITHIN
        for worker in workers:
            worker.end(max(until - time.monotonic(), 1))
