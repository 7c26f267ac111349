"""The memory of a worker under load: a soak of more persons than it can keep, with the store as configured."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from statistics import linear_regression, median

from bench import city
from bench.bars.bar import Criterion, Options, Outcome
from bench.load import Ask, Pass
from bench.measure import CONNECTIONS, Case, Stand, checked, request, standing
from bench.workloads import WORKLOADS, Workload

MOST_MIB = 120.0
MOST_GROWTH = 1.05
PERSONS = 400
"""Persons that take turns on each connection: 12,800 in all, more than the store, the answers and the tokens hold."""
_SAMPLES = 24
_SECONDS = 60.0
"""Seconds between samples, unless the soak is so short that there would be few."""


def memory(options: Options) -> Outcome:
    """The most that a worker held, and what it held in the last quarter over what it held in the second."""
    seconds = max(options.minutes * 60, 1.0)
    screen = Case(WORKLOADS["phone-screen"], options.tree, hot=True, pinned=False)
    with standing(screen, options.say) as few:
        stand = replace(few, lanes=_crowd(few))
        began, curve, requests, late = time.monotonic(), [(0.0, stand.resident_mib())], 0, 0
        while (elapsed := time.monotonic() - began) < seconds:
            load = Pass(rate=options.rate, lenient=True)
            stand.bear(load, seconds=min(seconds / _SAMPLES, _SECONDS))
            requests, late = requests + len(load.latencies), late + load.late
            curve.append((time.monotonic() - began, stand.resident_mib()))
            options.say(f"{elapsed:6.0f} s  {curve[-1][1]:6.1f} MiB  {requests} requests, {late} late")
    held = [mib for _, mib in curve]
    criteria = [
        Criterion(what="MiB at most", value=max(held), at_most=MOST_MIB),
        Criterion(what="MiB in the last quarter / in the second", value=growth(held), at_most=MOST_GROWTH),
    ]
    figures = {
        "minutes": round(seconds / 60, 2),
        "requests": requests,
        "of them with a department that was late": late,
        "requests per second": round(requests / (time.monotonic() - began), 1),
        "persons": PERSONS * CONNECTIONS,
        "MiB per hour in the second half": round(slope(curve[len(curve) // 2 :]), 2),
        "curve, seconds and MiB": [[round(at, 1), round(mib, 1)] for at, mib in curve],
    }
    return Outcome(criteria, figures=figures)


def _crowd(stand: Stand) -> list[Iterator[Ask]]:
    tokens = stand.departments.tokens(PERSONS * CONNECTIONS)
    everybody = [(who := city.person(at), Ask(request(stand.case, who, token))) for at, token in enumerate(tokens)]
    return [_checking(stand.case.workload, everybody[lane::CONNECTIONS]) for lane in range(CONNECTIONS)]


def _checking(workload: Workload, asks: Sequence[tuple[str, Ask]]) -> Iterator[Ask]:
    """Asks one after the other for ever; the first whole answer to each is held against the reference."""
    for person, ask in cycle(asks):
        yield ask
        if ask.seen and not ask.answer:
            ask.answer = checked(ask.seen, workload.expected(person), person)


def growth(held: list[float]) -> float:
    """The median of a curve's last quarter over that of its second: 1 when it is flat."""
    quarter = max(len(held) // 4, 1)
    return median(held[-quarter:]) / median(held[quarter : 2 * quarter] or held[:1])


def slope(curve: Sequence[tuple[float, float]]) -> float:
    """MiB per hour of the straight line that fits best through seconds and MiB; 0 for a single point."""
    if len(curve) < 2:
        return 0.0
    return 3600 * linear_regression(*zip(*curve, strict=True)).slope
