"""The machine: its cores and versions, and what a process takes of it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = (
    "graphql-core",
    "httptools",
    "msgspec",
    "starlette",
    "strawberry-graphql",
    "uvicorn",
    "uvloop",
)
_TICKS = os.sysconf("SC_CLK_TCK")


Cores = frozenset[int]
_ALL = Cores(os.sched_getaffinity(0))


def cores() -> tuple[Cores, Cores]:
    """Those of what is measured, and those of load and departments; both the same one where there is only one."""
    first, *more = sorted(_ALL)
    return Cores({first}), Cores(more[:1] or {first})


def every_core() -> tuple[Cores, Cores]:
    """The same, where each may run wherever there is room."""
    return _ALL, _ALL


@contextmanager
def here(allowed: Cores) -> Iterator[None]:
    """Keep this process, and what it starts, on cores while the block lasts."""
    before = os.sched_getaffinity(0)
    pin(0, allowed)
    try:
        yield
    finally:
        pin(0, Cores(before))


def pin(pid: int, allowed: Cores) -> None:
    """Keep a process, and what it starts from then on, on cores."""
    os.sched_setaffinity(pid, allowed)


def family(pids: Iterable[int]) -> list[int]:
    """Processes and all their descendants that live."""
    found = list(pids)
    for pid in found:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def cpu_seconds(pids: Iterable[int]) -> list[float]:
    """The CPU time that each process has taken so far, in user and kernel mode; the kernel counts it in ticks."""
    return [_ticks(Path(f"/proc/{pid}/stat").read_text()) / _TICKS for pid in pids]


def _ticks(stat: str) -> int:
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return int(fields[11]) + int(fields[12])


def resident_mib(pids: Iterable[int]) -> float:
    """The memory that processes hold, in MiB; what they share is counted in each."""
    return sum(map(_resident_kib, pids)) / 1024


def _resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def described() -> dict[str, Any]:
    """What figures depend on: cores, kernel, Python, libraries, and how busy the machine is besides."""
    return {
        "cores": os.cpu_count(),
        "pinned": [sorted(each) for each in cores()],
        "load_average": os.getloadavg()[0],
        "processor": _processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
