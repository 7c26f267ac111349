"""The machine: its cores and versions, and what a process takes of it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = (
    "aiohttp",
    "graphql-core",
    "httptools",
    "msgspec",
    "starlette",
    "strawberry-graphql",
    "uvicorn",
    "uvloop",
)
_TICKS = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[int, int] | None:
    """The gateway's core, and the one of load and departments; None where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) > 1 else None


def pin(pid: int, core: int | None) -> None:
    """Keep a process (0 for this one) on a core; None leaves it where it is."""
    if core is not None:
        os.sched_setaffinity(pid, {core})


def cpu_seconds(pids: Iterable[int]) -> float:
    """The CPU time that processes have taken so far, in user and kernel mode; the kernel counts it in ticks."""
    return sum(_ticks(Path(f"/proc/{pid}/stat").read_text()) for pid in pids) / _TICKS


def _ticks(stat: str) -> int:
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return int(fields[11]) + int(fields[12])


def resident_mib(pid: int) -> float:
    """The memory that a process holds, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def described() -> dict[str, Any]:
    """What figures depend on: cores, kernel, Python, libraries, and how busy the machine is besides."""
    return {
        "cores": os.cpu_count(),
        "pinned": cores(),
        "load_average": os.getloadavg()[0],
        "processor": _processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
