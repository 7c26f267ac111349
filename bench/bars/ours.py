"""Bars that the gateway is held to alone: its telemetry, a second worker, and the floors for comparison."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from bench.bars.bar import Criterion, Options, Outcome, ratio
from bench.floors.floor import FLOORS
from bench.measure import Case, Measured, Round, measure
from bench.overlay import Overlay
from bench.workloads import WORKLOADS

MOST_TELEMETRY = 1.10
LEAST_SECOND_WORKER = 1.8
NO_TELEMETRY: Overlay = {"config/gateway.yaml": {"telemetry": {"sample_ratio": 0.0, "keep": 0}}}
CPU = "cpu_us_per_request"
ROUNDS_PER_PROCESS = 3


def telemetry(options: Options) -> Outcome:
    """What the traces that are on by default add to the CPU time of a request, cold and from a hot cache.

    That is less than what two processes of one tree differ by: so many are started of each, as there are rounds else.
    """
    plan = replace(options.plan, rounds=ROUNDS_PER_PROCESS * options.plan.rounds, processes=options.plan.rounds)
    screen = WORKLOADS["phone-screen"]
    default = replace(options.tree, name="default telemetry")
    none = replace(options.tree, name="no telemetry", overlay=NO_TELEMETRY)
    cases = [Case(screen, tree, hot=hot) for hot in (False, True) for tree in (default, none)]
    found = measure(cases, plan, options.say)
    criteria = [
        ratio(f"CPU per request, default / none, {mode}", found[at], found[at + 1], CPU, at_most=MOST_TELEMETRY)
        for at, mode in ((0, "cold"), (2, "hot"))
    ]
    return Outcome(criteria, found)


def floors(options: Options) -> Outcome:
    """What a request costs that asks nobody, over that of servers which answer a constant."""
    hello = WORKLOADS["hello"]
    cases = [Case(hello, subject, hot=True) for subject in (options.tree, *FLOORS)]
    ours, *theirs = found = measure(cases, options.plan, options.say)
    named = zip(FLOORS, theirs, strict=True)
    return Outcome(
        [ratio(f"CPU per request, citygate / {floor.name}", ours, each, CPU) for floor, each in named], found
    )


def second_worker(options: Options) -> Outcome:
    """How much more two workers on two cores can do than one.

    Load and departments need a core's worth of time themselves, so on two cores the clock cannot tell. CPU time can:
    two workers do as much more as their requests cost the same, and as they are shared evenly. All processes run where
    there is room: pinned, the worker beside the load would seem slower than its twin.
    """
    screen = WORKLOADS["phone-screen"]
    trees = [replace(options.tree, name=f"{count} workers", workers=count) for count in (1, 2)]
    one, two = found = measure([Case(screen, tree, pinned=False) for tree in trees], options.plan, options.say)
    gains = [_gain(*pair) for pair in zip(one.rounds, two.rounds, strict=True)]
    gain = Criterion(
        what="capacity of two workers / of one",
        value=median(gains),
        lowest=min(gains),
        highest=max(gains),
        at_least=LEAST_SECOND_WORKER,
    )
    clock = ratio(
        "requests per second by the clock, with the load on the same two cores", two, one, "requests_per_second"
    )
    return Outcome([gain, clock], found, [_shares(two)])


def _gain(one: Round, two: Round) -> float:
    """A worker's capacity is the reciprocal of its cost; the busiest one is the first that has none left."""
    cost_of_one = one.gateway_cpu / one.requests
    busiest_of_two = two.busiest_cpu / two.requests
    return cost_of_one / busiest_of_two


def _shares(two: Measured) -> str:
    shares = [each.busiest_cpu / each.gateway_cpu for each in two.rounds]
    return f"The busier of the two workers took {median(shares):.0%} of their CPU time."
