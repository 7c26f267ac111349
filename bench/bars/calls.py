"""Calls to departments: exactly what the selection needs, and one for all who read the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import repeat

from bench.bars.against_peers import NEVER_KEPT
from bench.bars.bar import Criterion, Options, Outcome
from bench.load import Pass, run
from bench.measure import CHECK_SECONDS, CONNECTIONS, Case, Measured, Stand, measure, standing
from bench.workloads import WORKLOADS

ASKED = ("hotline", "market_regulation", "service_centre")
"""The departments that a phone screen takes."""
_GATHERING = 0.5
"""Seconds that the requests have to arrive, of the two that the gateway waits for a department."""
TURNS = 5


def upstream_calls(options: Options) -> Outcome:
    """Cold, each workload's calls per request over those that it needs; and how often an identical read is sent."""
    trees = {"list-with-shared-join": replace(options.tree, overlay=NEVER_KEPT)}
    cases = [Case(each, trees.get(name, options.tree)) for name, each in WORKLOADS.items() if each.calls]
    found = measure(cases, options.plan, options.say)
    with standing(Case(WORKLOADS["phone-screen"], options.tree, persons=TURNS + 1), options.say) as stand:
        flights = [shared_flight(stand, turn) for turn in range(TURNS)]
    shared = Criterion(
        what=f"calls for {CONNECTIONS} identical requests at once / for one",
        value=max(flights),
        lowest=min(flights),
        highest=max(flights),
        at_most=1.0,
    )
    return Outcome([*(worst(each) for each in found), shared], found)


def worst(found: Measured) -> Criterion:
    """The round that is farthest from the calls that are needed, in either direction."""
    needed = found.case.workload.calls
    shares = [each.upstream_calls / each.requests / needed for each in found.rounds]
    worst = max(shares, key=lambda share: abs(share - 1))
    name = f"calls made / calls needed, {found.case.workload.name}"
    if worst < 1:  # fewer than needed is as wrong as more
        return Criterion(what=name, value=worst, lowest=min(shares), highest=max(shares), at_least=1.0)
    return Criterion(what=name, value=worst, lowest=min(shares), highest=max(shares), at_most=1.0)


def shared_flight(stand: Stand, person: int) -> float:
    """Let all connections ask the same while the departments hold their answers: the calls over those for one request.

    The person must be one who was not served lately.
    """
    before = stand.departments.calls()
    asyncio.run(_together(stand, person))
    return (stand.departments.calls() - before) / stand.case.workload.calls


async def _together(stand: Stand, person: int) -> None:
    await _tell(stand.departments.hold, ASKED)
    lanes = [repeat(stand.asks[person])] * CONNECTIONS
    asked = asyncio.create_task(run(stand.serving.addresses, lanes, Pass(turns=1), CHECK_SECONDS))
    await asyncio.sleep(_GATHERING)
    await _tell(stand.departments.release, ASKED)
    await asked


async def _tell(what: Callable[[str], None], names: Sequence[str]) -> None:
    for name in names:
        await asyncio.to_thread(what, name)
