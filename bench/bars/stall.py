"""How long one request holds the event loop, in a process of its own in the tree that is measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from bench.bars.bar import Criterion, Options, Outcome
from bench.machine import cores, here
from bench.processes import HERE, NotStarted

MOST_MS = 20.0
_PATIENCE = 1200.0


def stall(options: Options) -> Outcome:
    """The worst of each group of classes, and every class, in milliseconds of the loop's own CPU time."""
    command = [sys.executable, "-P", str(HERE / "bench" / "stall.py")]
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
        raise NotStarted(f"bench/stall.py in {options.tree.path}: {done.stderr.strip()[-1000:]}")
    return outcome([json.loads(line) for line in done.stdout.splitlines()])


def outcome(classes: list[dict[str, Any]]) -> Outcome:
    """The verdict on what `bench/stall.py` printed."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in classes:
        groups.setdefault(each["group"], []).append(each)
    criteria = []
    for group, members in groups.items():
        worst = max(members, key=lambda each: each["held"])
        what = f"{group}, ms at worst of {len(members)} classes: {worst['class']}"
        criteria.append(Criterion(what=what, value=worst["held"], at_most=MOST_MS))
    figures = {f"{each['group']}: {each['class']}": [round(each["held"], 2), each["answer"]] for each in classes}
    return Outcome(criteria, figures={"milliseconds held, and what was answered": figures})
