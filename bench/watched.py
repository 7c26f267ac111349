"""`python -P bench/watched.py FILE ARGUMENTS` in a source tree: runs its gateway and sees how long its loop is held.

From SIGUSR1 to SIGUSR2 a timer goes off as often as the loop lets it; the most CPU time that the loop's own thread took
from one time to the next is written to FILE, in milliseconds; or what one collection of garbage took, in whichever
thread. So long did all other requests wait at most, on a core that nobody else takes: what other processes take of the
machine is not counted.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

EVERY = 0.001
"""Seconds between two looks."""


class Watch:
    """The loop of this process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._worst = self._last = self._collecting = 0.0

    def begin(self, _number: int, _frame: FrameType | None) -> None:
        """Look from now on."""
        self._last, self._worst = time.thread_time(), 0.0

    def look(self, loop: asyncio.AbstractEventLoop) -> None:
        """How much of the thread's time has gone since the last look."""
        now = time.thread_time()
        self._worst, self._last = max(self._worst, now - self._last), now
        loop.call_later(EVERY, self.look, loop)

    def collect(self, phase: str, _generation: dict[str, int]) -> None:
        """How much of a thread's time a collection takes, in which no other thread runs."""
        now = time.thread_time()
        if phase == "start":
            self._collecting = now
        else:
            self._worst = max(self._worst, now - self._collecting)

    def write(self, _number: int, _frame: FrameType | None) -> None:
        """Put the worst into the file, whole or not at all."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps({"held": self._worst * 1000}))
        draft.rename(self._file)


def main(file: Path, arguments: list[str]) -> None:
    """Run the gateway, watched, until it ends."""
    watch = Watch(file)
    startup = uvicorn.Server.startup

    async def watched(server: uvicorn.Server, *given: Any, **named: Any) -> None:
        await startup(server, *given, **named)
        watch.look(asyncio.get_running_loop())

    uvicorn.Server.startup = watched  # type: ignore[assignment,method-assign]
    gc.callbacks.append(watch.collect)
    signal.signal(signal.SIGUSR1, watch.begin)
    signal.signal(signal.SIGUSR2, watch.write)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    sys.argv[1:] = arguments
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
