"""Where each microsecond of a request goes: the gateway sampled under a workload."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Case, Plan, one_round, standing
from bench.processes import HERE, NotStarted
from bench.report import aligned
from bench.subjects import Tree

SHOWN = 30
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Profile:
    """CPU time per request in microseconds, and the shares of parts and functions, most first; each sums up to 1.

    The time is that of the gateway that is not sampled; `sampled_cpu_us` is that of its twin that is, in the same
    rounds: so much longer does it take for being watched.
    """

    case: str
    cpu_us: float
    sampled_cpu_us: float
    samples: int
    parts: Mapping[str, float]
    functions: Mapping[str, float]

    def as_object(self) -> dict[str, Any]:
        """Everything, for a program."""
        return asdict(self)

    def as_text(self) -> str:
        """The same to read, functions cut short."""
        head = (
            f"{self.case}: {self.cpu_us:,.0f} µs of CPU per request; {self.sampled_cpu_us:,.0f} while {self.samples} "
            "samples were taken"
        )
        return "\n\n".join([head, self._table("part", self.parts), self._table("function", self.functions)])

    def _table(self, what: str, shares: Mapping[str, float]) -> str:
        most = [*shares.items()][:SHOWN]
        rest = 1 - sum(share for _, share in most)
        rows = [[name, f"{share * self.cpu_us:,.1f}", f"{share:.1%}"] for name, share in [*most, ("all others", rest)]]
        return "\n".join(aligned([[what, "µs/req", "share"], *rows]))


def profile(case: Case, plan: Plan, say: Callable[[str], None]) -> Profile:
    """Sample a tree's gateway in the plan's rounds, in turn with one that is not sampled.

    Raises: what `bench.measure.measure` raises; TypeError for a subject that is no tree.
    """
    if not isinstance(case.subject, Tree):
        raise TypeError(f"{case.subject.name} is no source tree")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "samples.json"
        python = ("-P", str(HERE / "bench" / "sampler.py"), str(file))
        twins = case, replace(case, subject=replace(case.subject, python=python))
        plain, sampled = (stack.enter_context(standing(each, say)) for each in twins)
        (pid,) = sampled.serving.pids
        one_round(sampled, replace(plan, seconds=1.0))
        rounds = []
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            rounds.append((one_round(plain, plan), one_round(sampled, plan, _sampling(pid, file))))
        said = _read(file)
    cpu, sampled_cpu = (
        median(1e6 * each.gateway_cpu / each.requests for each in kind) for kind in zip(*rounds, strict=True)
    )
    parts, functions = (_shares(said[name], said["samples"]) for name in ("parts", "functions"))
    return Profile(case.name, cpu, sampled_cpu, said["samples"], parts, functions)


@contextmanager
def _sampling(pid: int, file: Path) -> Iterator[None]:
    file.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    yield
    os.kill(pid, signal.SIGUSR2)
    _read(file)


def _shares(counts: Mapping[str, int], whole: int) -> dict[str, float]:
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return {name: count / whole for name, count in ordered}


def _read(file: Path) -> Any:
    until = time.monotonic() + _PATIENCE
    while not file.is_file():
        if time.monotonic() > until:
            raise NotStarted(f"the sampled gateway has written nothing within {_PATIENCE:.0f} s")
        time.sleep(0.05)
    return json.loads(file.read_text())
