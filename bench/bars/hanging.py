"""One of five departments hangs: what those feel who ask the other four, and what those get who ask it, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from itertools import chain, cycle, repeat

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
"""Requests beside the measured ones that take the department in, at once."""
PAUSE = 0.5
"""Seconds from these to the next ones, whether or not they have been answered: as many in each kind of pass."""
GIVEN_UP = 2.5
"""Seconds after which the first of them have been given up by the gateway: from then on it goes on evenly."""
RECOVERED = 60.0
"""Seconds within which the department is asked again, once it answers."""
STRANGERS = 4000
"""Persons who take turns on them."""
Unlucky = tuple[str, bytes]
"""A person and a request."""


@dataclass(slots=True)
class Felt:
    """Latencies in milliseconds: of requests without the department, and of those with it."""

    healthy: list[float] = field(default_factory=list)
    unlucky: list[float] = field(default_factory=list)

    @classmethod
    def all(cls, passes: Sequence[Felt]) -> Felt:
        """Those of several passes together."""
        return cls(*(list(chain.from_iterable(each)) for each in zip(*map(astuple, passes), strict=True)))


def hanging_department(options: Options) -> Outcome:
    """The 95th percentile of the latency while a department hangs, over that while all answer.

    A round is a pass while all answer, one of twice the length while one hangs, and again one while all answer, which
    cancels a drift of the machine.
    """
    with standing(Case(WORKLOADS["home-screen-of-four"], options.tree), options.say) as stand:
        unlucky = _unlucky(stand)
        rounds = [_both(stand, unlucky, number, options) for number in range(options.plan.rounds)]
    ratios = [_p95(hung.healthy) / _p95(well.healthy) for well, hung in rounds]
    well, hung = (Felt.all(each) for each in zip(*rounds, strict=True))
    criterion = Criterion(
        what="95th percentile of requests for the other four, one hangs / all answer",
        value=_p95(hung.healthy) / _p95(well.healthy),
        lowest=min(ratios),
        highest=max(ratios),
        at_most=MOST,
    )
    figures = {
        "95th percentile, ms": {
            "four departments, all answer": _p95(well.healthy),
            "four departments, the fifth hangs": _p95(hung.healthy),
            "all five, all answer": _p95(well.unlucky),
            "all five, one hangs": _p95(hung.unlucky),
        }
    }
    return Outcome([criterion], figures=figures, notes=[_NOTE])


_NOTE = (
    f"In both kinds of passes {UNLUCKY / PAUSE:.0f} requests a second select the hanging department's field as well. "
    "Each of their answers was checked: the healthy fields as always, the field null with the department's error. The "
    "ratio is that of the percentiles over all passes of a kind, its spread that over the rounds."
)


def _both(stand: Stand, unlucky: Iterator[Sequence[Unlucky]], number: int, options: Options) -> tuple[Felt, Felt]:
    options.say(f"round {number + 1} of {options.plan.rounds}")
    seconds = options.plan.seconds
    before = _pass(stand, unlucky, seconds, hangs=False)
    hung = _pass(stand, unlucky, 2 * seconds, hangs=True)
    asyncio.run(_recovered(stand, unlucky))
    after = _pass(stand, unlucky, seconds, hangs=False)
    return Felt.all([before, after]), hung


def _pass(stand: Stand, unlucky: Iterator[Sequence[Unlucky]], seconds: float, *, hangs: bool) -> Felt:
    if hangs:
        stand.departments.hold(HANGS)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_felt(stand, unlucky, seconds, hangs=hangs))
    finally:
        stand.departments.release(HANGS)


async def _felt(stand: Stand, unlucky: Iterator[Sequence[Unlucky]], seconds: float, *, hangs: bool) -> Felt:
    felt, load, asked = Felt(), Pass(), []
    everybody = asyncio.create_task(_after(GIVEN_UP if hangs else 0, stand, load, seconds))
    while not everybody.done():
        asked.append(asyncio.create_task(_ask_all(stand, next(unlucky), hangs=hangs)))
        await asyncio.wait([everybody], timeout=PAUSE)
    await everybody
    felt.unlucky = [each for latencies in await asyncio.gather(*asked) for each in latencies]
    felt.healthy = [1000 * each for each in load.latencies]
    return felt


async def _recovered(stand: Stand, unlucky: Iterator[Sequence[Unlucky]]) -> None:
    """Wait until the gateway asks the department again, which it leaves alone for a while. Raises: WrongAnswer."""
    loop = asyncio.get_running_loop()
    until = loop.time() + RECOVERED
    while True:
        try:
            await run(stand.serving.addresses, [repeat(Ask(next(unlucky)[0][1]))], Pass(turns=1), CHECK_SECONDS)
        except WrongAnswer:
            if loop.time() > until:
                raise
            await asyncio.sleep(PAUSE)
        else:
            return


async def _after(pause: float, stand: Stand, load: Pass, seconds: float) -> None:
    await asyncio.sleep(pause)
    await run(stand.serving.addresses, stand.lanes, load, seconds)


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
