"""The memory of a worker under load: a soak of many persons, with the store as configured."""

from __future__ import annotations

import time
from statistics import median

from bench.bars.bar import Criterion, Options, Outcome
from bench.load import Pass
from bench.measure import CONNECTIONS, Case, standing
from bench.workloads import WORKLOADS

MOST_MIB = 120.0
MOST_GROWTH = 1.05
PERSONS = 64
"""Persons that take turns on each connection: 2048 in all, so that the store, the tokens and the traces are filled."""
_SAMPLES = 24


def memory(options: Options) -> Outcome:
    """The most that a worker held, and what it held in the last quarter over what it held in the second."""
    seconds = max(options.hours * 3600, 1.0)
    with standing(Case(WORKLOADS["phone-screen"], options.tree, hot=True, persons=PERSONS), options.say) as stand:
        began, curve, requests = time.monotonic(), [(0.0, stand.resident_mib())], 0
        while (elapsed := time.monotonic() - began) < seconds:
            load = stand.bear(Pass(), seconds=min(seconds / _SAMPLES, 60.0))
            requests += len(load.latencies)
            curve.append((time.monotonic() - began, stand.resident_mib()))
            options.say(f"{elapsed:6.0f} s  {curve[-1][1]:6.1f} MiB")
    held = [mib for _, mib in curve]
    criteria = [
        Criterion(what="MiB at most", value=max(held), at_most=MOST_MIB),
        Criterion(what="MiB in the last quarter / in the second", value=growth(held), at_most=MOST_GROWTH),
    ]
    figures = {
        "hours": round(seconds / 3600, 4),
        "requests": requests,
        "persons": PERSONS * CONNECTIONS,
        "curve, seconds and MiB": [[round(at, 1), round(mib, 1)] for at, mib in curve],
    }
    return Outcome(criteria, figures=figures)


def growth(held: list[float]) -> float:
    """The median of a curve's last quarter over that of its second: 1 when it is flat."""
    quarter = max(len(held) // 4, 1)
    return median(held[-quarter:]) / median(held[quarter : 2 * quarter] or held[:1])
