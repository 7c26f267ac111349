"""Where each microsecond of a request goes: the gateway sampled under a workload."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.measure import Case, Plan, one_round, standing
from bench.processes import HERE, NotStarted
from bench.report import aligned
from bench.subjects import Tree

SHOWN = 30
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Profile:
    """CPU time per request in microseconds, and the shares of parts and functions, most first."""

    case: str
    cpu_us: float
    samples: int
    parts: Mapping[str, float]
    functions: Mapping[str, float]

    def as_object(self) -> dict[str, Any]:
        """Everything, for a program."""
        return asdict(self)

    def as_text(self) -> str:
        """The same to read, functions cut short."""
        head = f"{self.case}: {self.cpu_us:,.0f} µs of CPU per request, {self.samples} samples"
        return "\n\n".join([head, self._table("part", self.parts), self._table("function", self.functions)])

    def _table(self, what: str, shares: Mapping[str, float]) -> str:
        most = [*shares.items()][:SHOWN]
        rows = [[name, f"{share * self.cpu_us:,.1f}", f"{share:.1%}"] for name, share in most]
        return "\n".join(aligned([[what, "µs/req", "share"], *rows]))


def profile(case: Case, plan: Plan, say: Callable[[str], None]) -> Profile:
    """Sample a tree's gateway over the plan's rounds as one.

    Raises: what `bench.measure.measure` raises; TypeError for a subject that is no tree.
    """
    if not isinstance(case.subject, Tree):
        raise TypeError(f"{case.subject.name} is no source tree")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples.json"
        python = ("-P", str(HERE / "bench" / "sampler.py"), str(file))
        with standing(replace(case, subject=replace(case.subject, python=python)), say) as stand:
            (pid,) = stand.serving.pids
            one_round(stand, replace(plan, seconds=1.0))
            os.kill(pid, signal.SIGUSR1)
            found = one_round(stand, replace(plan, seconds=plan.rounds * plan.seconds))
            os.kill(pid, signal.SIGUSR2)
            said = _awaited(file)
    parts, functions = (_shares(said[name], said["samples"]) for name in ("parts", "functions"))
    return Profile(case.name, 1e6 * found.gateway_cpu / found.requests, said["samples"], parts, functions)


def _shares(counts: Mapping[str, int], whole: int) -> dict[str, float]:
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return {name: count / whole for name, count in ordered}


def _awaited(file: Path) -> Any:
    until = time.monotonic() + _PATIENCE
    while not file.is_file():
        if time.monotonic() > until:
            raise NotStarted(f"the sampled gateway has written nothing within {_PATIENCE:.0f} s")
        time.sleep(0.05)
    return json.loads(file.read_text())
