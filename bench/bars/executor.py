"""The compiled executor against graphql-core, in a process of its own in the tree that is measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import median

from bench.bars.bar import Criterion, Options, Outcome
from bench.machine import cores, here
from bench.processes import HERE, NotStarted

LEAST = {
    "objects": 20.0,
    "objects, each time parsed and validated by graphql-core, prepared by the gateway": 50.0,
    "dictionaries": None,
}
"""What has to be reached, by what `bench.executors` measures."""
_PATIENCE = 600.0


def executor(options: Options) -> Outcome:
    """How many times faster a list of 100 objects with 4 fields is executed, and with all that comes before it."""
    arguments = [str(options.plan.rounds), str(options.plan.seconds)]
    command = [sys.executable, "-P", str(HERE / "bench" / "executors.py"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(options.tree.path)}
    core, _ = cores()
    with here(core):
        done = subprocess.run(
            command,
            cwd=options.tree.path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    if done.returncode:
        raise NotStarted(f"bench/executors.py in {options.tree.path}: {done.stderr.strip()[-1000:]}")
    found: dict[str, dict[str, list[float]]] = json.loads(done.stdout)
    figures = {what: {name: median(all_rounds) for name, all_rounds in each.items()} for what, each in found.items()}
    criteria = [_criterion(what, each) for what, each in found.items()]
    return Outcome(criteria, figures={"microseconds per operation": figures})


def _criterion(what: str, each: dict[str, list[float]]) -> Criterion:
    times = [slow / fast for slow, fast in zip(each["graphql-core"], each["compiled"], strict=True)]
    return Criterion(
        what=f"time of graphql-core / of the compiled executor: {what}",
        value=median(times),
        lowest=min(times),
        highest=max(times),
        at_least=LEAST[what],
    )
