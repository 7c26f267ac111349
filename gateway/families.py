"""The numbers of one process, by name: what docs/operators.md lists."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from gateway.metrics import Metric, labelled, one
from gateway.wiring import Gateway

SHARE = "citygate_cross_subject_share_total"
PLACES = ("record cache", "shared call", "whole answer", "fast lane")
"""Where an answer is handed over, and compared with who is to have it."""
OUTCOMES = ("kept", "executed", "errors", "refused", "failed")


def families(gateway: Gateway) -> Sequence[Metric]:
    """All of them, in the page's order."""
    lane, refused = gateway.fast_lane, gateway.calls.shares.refused
    outcomes = gateway.endpoint.outcomes

    def by_department(number: Callable[[Any], int]) -> dict[tuple[tuple[str, str], ...], int]:
        return {(("department", name),): int(number(guard)) for name, guard in gateway.guards.each().items()}

    return (
        Metric(
            "citygate_requests_total",
            "counter",
            "Requests to the GraphQL endpoint by outcome.",
            lambda: {
                (("outcome", "fast"),): lane.answered if lane is not None else 0,
                **{(("outcome", outcome),): outcomes[outcome] for outcome in OUTCOMES},
            },
        ),
        Metric(
            "citygate_department_calls_total",
            "counter",
            "Calls to departments by outcome, and by where the answer came from.",
            labelled(("department", "outcome", "cache"), gateway.calls.tally),
        ),
        Metric(
            "citygate_breakers_open",
            "gauge",
            "Breakers that leave a department alone.",
            lambda: by_department(lambda guard: guard.breaker.state != "closed"),
        ),
        Metric(
            "citygate_department_calls_in_flight",
            "gauge",
            "Calls to departments that are under way.",
            lambda: by_department(lambda guard: guard.bulkhead.inside),
        ),
        Metric(
            "citygate_department_calls_waiting",
            "gauge",
            "Calls to departments that wait for a place.",
            lambda: by_department(lambda guard: guard.bulkhead.waiting),
        ),
        Metric(
            SHARE,
            "counter",
            "Answers made for one person that were about to be handed to another; each was refused.",
            lambda: {(("place", place),): refused[place] for place in PLACES},
        ),
        Metric(
            "citygate_store_unopened_total",
            "counter",
            "Values in the store that did not open: another key, or changed by somebody.",
            one(lambda: getattr(gateway.store, "unsealable", 0)),
        ),
        Metric("citygate_whole_answers", "gauge", "Whole answers in memory.", one(lambda: len(gateway.kept_answers))),
        Metric(
            "citygate_fast_lane_requests",
            "gauge",
            "Requests that the fast lane remembers.",
            one(lambda: len(lane) if lane is not None else 0),
        ),
        Metric("citygate_tokens", "gauge", "Verified tokens in memory.", one(lambda: len(gateway.identities))),
        Metric("citygate_processes", "gauge", "Processes that take requests.", one(lambda: 1)),
        Metric("citygate_cpu_seconds_total", "counter", "Seconds of processor time.", one(time.process_time)),
    )
