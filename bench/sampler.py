"""`python -P bench/sampler.py FILE ARGUMENTS` in a source tree: runs its gateway and samples where it spends CPU time.

From SIGUSR1 to SIGUSR2 samples are taken, and are then written to FILE as JSON: how many samples in all such times, and
how many of them in each part of the house or library, and in each function. Every few milliseconds of CPU time one
sample is taken, of the Python function that runs. Time in C, the kernel's included, is that of the function that called
it. What the event loop does between callbacks is a part of its own, as far as it can be told: before a coroutine goes
on, it counts for the coroutine. What the standard library does counts for the part that called it.
"""

from __future__ import annotations

import asyncio.runners
import dis
import json
import os
import runpy
import signal
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.001
"""Seconds of CPU time between samples; kernels round it up to their tick, often 4 ms."""
LOOP = "event loop between callbacks: uvloop, and reading and waiting in the kernel"
ALONE = "asyncio, called by the event loop"
_ENTRY = dis.opmap["RESUME"]
_STANDARD = sysconfig.get_path("stdlib")
_INSTALLED = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}


class Samples:
    """What was found so far."""

    def __init__(self, tree: Path, file: Path) -> None:
        self._tree, self._file = tree, file
        self._parts: Counter[str] = Counter()
        self._functions: Counter[str] = Counter()
        self._known: dict[str, str | None] = {}
        self._taking = False

    def begin(self, _number: int, _frame: FrameType | None) -> None:
        """Take samples from now on."""
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def take(self, _number: int, frame: FrameType | None) -> None:
        """One sample, unless it would be one of taking a sample."""
        if frame is None or self._taking or frame.f_code.co_filename == __file__:  # one may come as another one ends
            return
        self._taking = True
        self._count(frame)
        self._taking = False

    def _count(self, frame: FrameType) -> None:
        if between_callbacks(frame):
            self._parts[LOOP] += 1
            self._functions[LOOP] += 1
            return
        code = frame.f_code
        self._functions[f"{self._part(code.co_filename) or 'python'}: {code.co_qualname}"] += 1
        part: str | None = None
        at: FrameType | None = frame
        while part is None and at is not None and not _runs_the_loop(at):
            part = self._part(at.f_code.co_filename)
            at = at.f_back
        self._parts[part or ALONE] += 1

    def write(self, _number: int, _frame: FrameType | None) -> None:
        """Take no more samples, and put all into the file, whole or not at all."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        said = {"samples": self._parts.total(), "parts": self._parts, "functions": self._functions}
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(said))
        draft.rename(self._file)

    def _part(self, filename: str) -> str | None:
        """`part`, which is looked up once for each file: a sample must cost next to nothing."""
        if filename not in self._known:
            self._known[filename] = self.part(filename)
        return self._known[filename]

    def part(self, filename: str) -> str | None:
        """`gateway/graphql` in the tree, `lib starlette` among libraries, None for the standard library.

        Generated code is its author's if it has a name, otherwise, like a data class's methods, its caller's.
        """
        if filename.startswith("<"):
            return None if filename == "<string>" or filename.startswith("<frozen") else filename.strip("<>")
        path = Path(filename)
        for folder in _INSTALLED:  # first: an environment may lie inside the tree
            if path.is_relative_to(folder):
                return f"lib {path.relative_to(folder).parts[0].removesuffix('.py')}"
        if path.is_relative_to(self._tree):
            inside = path.relative_to(self._tree).parts
            return "/".join(inside[:2] if len(inside) > 2 else inside[:1])
        return None if path.is_relative_to(_STANDARD) else f"lib {path.stem}"


def between_callbacks(frame: FrameType) -> bool:
    """Whether the loop itself has the frame, or has just now entered a callback and spent no time there."""
    if _runs_the_loop(frame):
        return True
    entered = frame.f_code.co_code[frame.f_lasti] == _ENTRY
    return entered and frame.f_back is not None and _runs_the_loop(frame.f_back)


def _runs_the_loop(frame: FrameType) -> bool:
    return frame.f_code.co_filename == asyncio.runners.__file__


def main(file: Path, arguments: list[str]) -> None:
    """Run the gateway, sampled, until it ends."""
    samples = Samples(Path.cwd(), file)
    signal.signal(signal.SIGUSR1, samples.begin)
    signal.signal(signal.SIGUSR2, samples.write)
    signal.signal(signal.SIGPROF, samples.take)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    sys.argv[1:] = arguments
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
