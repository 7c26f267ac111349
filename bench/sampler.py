"""`python -P bench/sampler.py FILE ARGUMENTS` in a source tree: runs its gateway and samples where it spends CPU time.

SIGUSR1 begins anew, SIGUSR2 writes what was found since then to FILE as JSON: how many samples, and how many of them in
each part of the house or library, and in each function. Every few milliseconds of CPU time one sample is taken, of the
Python function that runs; time in C, the kernel's included, is that of the function that called it, or of the next one
where the event loop did. What the standard library does counts for the part that called it.
"""

from __future__ import annotations

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
_STANDARD = sysconfig.get_path("stdlib")
_INSTALLED = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}


class Samples:
    """What was found so far."""

    def __init__(self, tree: Path, file: Path) -> None:
        self._tree, self._file = tree, file
        self._parts: Counter[str] = Counter()
        self._functions: Counter[str] = Counter()

    def take(self, _number: int, frame: FrameType | None) -> None:
        """One sample."""
        if frame is None:
            return
        code = frame.f_code
        self._functions[f"{self.part(code.co_filename) or 'python'}: {code.co_qualname}"] += 1
        part: str | None = None
        while part is None and frame is not None:
            part = self.part(frame.f_code.co_filename)
            frame = frame.f_back
        self._parts[part or "python"] += 1

    def clear(self, _number: int, _frame: FrameType | None) -> None:
        """Begin anew."""
        self._parts.clear()
        self._functions.clear()

    def write(self, _number: int, _frame: FrameType | None) -> None:
        """Put all into the file, whole or not at all."""
        said = {"samples": self._parts.total(), "parts": self._parts, "functions": self._functions}
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(said))
        draft.rename(self._file)

    def part(self, filename: str) -> str | None:
        """`gateway/graphql` in the tree, `lib starlette` among libraries, None for the standard library."""
        path = Path(filename)
        for folder in _INSTALLED:  # first: an environment may lie inside the tree
            if path.is_relative_to(folder):
                return f"lib {path.relative_to(folder).parts[0].removesuffix('.py')}"
        if path.is_relative_to(self._tree):
            inside = path.relative_to(self._tree).parts
            return "/".join(inside[:2] if len(inside) > 2 else inside[:1])
        return None if path.is_relative_to(_STANDARD) or filename.startswith("<frozen") else f"lib {path.stem}"


def main(file: Path, arguments: list[str]) -> None:
    """Run the gateway, sampled, until it ends."""
    samples = Samples(Path.cwd(), file)
    signal.signal(signal.SIGUSR1, samples.clear)
    signal.signal(signal.SIGUSR2, samples.write)
    signal.signal(signal.SIGPROF, samples.take)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    sys.argv[1:] = arguments
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
