"""One of five departments hangs: what those feel who ask the other four, and what those get who ask it, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, repeat
from statistics import median

import uvloop

from bench import city
from bench.bars.bar import Criterion, Options, Outcome
from bench.load import PARTIAL, Ask, Pass, WrongAnswer, run
from bench.measure import CHECK_SECONDS, Case, Stand, checked, percentile, request, standing
from bench.workloads import WORKLOADS

HANGS = "taxation"
FIELD = "taxAccount"
"""The viewer's field that only this department can fill."""
MOST = 1.10
UNLUCKY = 4
"""Connections beside the measured ones whose requests take the department in."""
PAUSE = 0.25
"""Seconds from an answer to the next request on each of them."""
STRANGERS = 4000
"""Persons who take turns on them."""
Unlucky = tuple[str, bytes]
"""A person and a request."""


@dataclass(slots=True)
class Felt:
    """Latencies in milliseconds of one pass: of requests without the department, and of those with it."""

    healthy: list[float] = field(default_factory=list)
    unlucky: list[float] = field(default_factory=list)


def hanging_department(options: Options) -> Outcome:
    """The 95th percentile of the latency while a department hangs, over that while all answer, round by round."""
    with standing(Case(WORKLOADS["home-screen-of-four"], options.tree), options.say) as stand:
        unlucky = _unlucky(stand)
        rounds = [_both(stand, unlucky, number, options) for number in range(options.plan.rounds)]
    healthy = [_p95(hung.healthy) / _p95(well.healthy) for well, hung in rounds]
    criterion = Criterion(
        what="95th percentile of requests for the other four, one hangs / all answer",
        value=median(healthy),
        lowest=min(healthy),
        highest=max(healthy),
        at_most=MOST,
    )
    figures = {
        "95th percentile, ms": {
            "four departments, all answer": median(_p95(well.healthy) for well, _ in rounds),
            "four departments, the fifth hangs": median(_p95(hung.healthy) for _, hung in rounds),
            "all five, all answer": median(_p95(well.unlucky) for well, _ in rounds),
            "all five, one hangs": median(_p95(hung.unlucky) for _, hung in rounds),
        }
    }
    return Outcome([criterion], figures=figures, notes=[_NOTE])


_NOTE = (
    f"{UNLUCKY} further connections select the hanging department's field as well. Each of their answers was checked: "
    "the healthy fields as always, the field null with the department's error."
)


def _both(stand: Stand, unlucky: Iterator[Sequence[Unlucky]], number: int, options: Options) -> tuple[Felt, Felt]:
    options.say(f"round {number + 1} of {options.plan.rounds}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        well = runner.run(_felt(stand, unlucky, options.plan.seconds, hangs=False))
        stand.departments.hold(HANGS)
        try:
            hung = runner.run(_felt(stand, unlucky, options.plan.seconds, hangs=True))
        finally:
            stand.departments.release(HANGS)
    return well, hung


async def _felt(stand: Stand, unlucky: Iterator[Sequence[Unlucky]], seconds: float, *, hangs: bool) -> Felt:
    felt, load = Felt(), Pass()
    everybody = asyncio.create_task(run(stand.serving.addresses, stand.lanes, load, seconds))
    while not everybody.done():
        felt.unlucky += await _ask_all(stand, next(unlucky), hangs=hangs)
        await asyncio.sleep(PAUSE)
    await everybody
    felt.healthy = [1000 * each for each in load.latencies]
    return felt


def _unlucky(stand: Stand) -> Iterator[Sequence[Unlucky]]:
    """Persons who have not asked before, and of whom nothing is kept; again from the start when there are no more."""
    case = Case(WORKLOADS["home-screen"], stand.case.subject)
    known = len(stand.asks)
    tokens = stand.departments.tokens(known + STRANGERS)[known:]
    strangers = [(city.person(at), request(case, city.person(at), token)) for at, token in enumerate(tokens, known)]
    return cycle([strangers[at : at + UNLUCKY] for at in range(0, STRANGERS, UNLUCKY)])


async def _ask_all(stand: Stand, unlucky: Sequence[Unlucky], *, hangs: bool) -> list[float]:
    load = Pass(turns=1)
    asks = [Ask(asked, status=PARTIAL if hangs else 200) for _, asked in unlucky]
    await run(stand.serving.addresses, [repeat(ask) for ask in asks], load, CHECK_SECONDS)
    for (person, _), ask in zip(unlucky, asks, strict=True):
        body = without_field(ask.seen, person) if hangs else ask.seen
        expected = dict(WORKLOADS["home-screen"].expected(person)["viewer"])
        checked(body, {"viewer": {**expected, FIELD: {"obligations": None}} if hangs else expected}, person)
    return [1000 * each for each in load.latencies]


def without_field(body: bytes, person: str) -> bytes:
    """An answer without its errors, which must be one, at the hanging department's field.

    Raises: WrongAnswer.
    """
    answer = json.loads(body)
    places = [error.get("path", ())[:2] for error in answer.pop("errors", ())]
    if places != [["viewer", FIELD]]:
        raise WrongAnswer(f"person {person}: errors at {places}, not one at {FIELD}")
    return json.dumps(answer).encode()


def _p95(latencies: Sequence[float]) -> float:
    return percentile(sorted(latencies), 0.95)
