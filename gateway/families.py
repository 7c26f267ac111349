"""The numbers of one process, by name: what docs/operators.md lists."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from gateway.metrics import Metric, Values, labelled, one
from gateway.wiring import Gateway

SHARE = "citygate_cross_subject_share_total"
PLACES = ("record cache", "shared call", "whole answer", "fast lane")
"""Where an answer is handed over, and compared with who is to have it."""
OUTCOMES = ("kept", "executed", "errors", "refused", "failed")
_GUARDS: Sequence[tuple[str, str, Callable[[Any], int]]] = (
    (
        "citygate_breakers_open",
        "Breakers that leave a department alone.",
        lambda guard: guard.breaker.state != "closed",
    ),
    (
        "citygate_department_calls_in_flight",
        "Calls to departments that are under way.",
        lambda guard: guard.bulkhead.inside,
    ),
    (
        "citygate_department_calls_waiting",
        "Calls to departments that wait for a place.",
        lambda guard: guard.bulkhead.waiting,
    ),
)


def families(gateway: Gateway) -> Sequence[Metric]:
    """All of them, in the page's order."""
    return (
        *_requests(gateway),
        *_departments(gateway),
        *_protection(gateway),
        *_memory(gateway),
        Metric("citygate_processes", "gauge", "Processes that take requests.", one(lambda: 1)),
        Metric("citygate_cpu_seconds_total", "counter", "Seconds of processor time.", one(time.process_time)),
    )


def _requests(gateway: Gateway) -> Iterable[Metric]:
    lane, outcomes = gateway.fast_lane, gateway.endpoint.outcomes
    yield Metric(
        "citygate_requests_total",
        "counter",
        "Requests to the GraphQL endpoint by outcome.",
        lambda: {
            (("outcome", "fast"),): lane.answered if lane is not None else 0,
            **{(("outcome", outcome),): outcomes[outcome] for outcome in OUTCOMES},
        },
    )


def _departments(gateway: Gateway) -> Iterable[Metric]:
    yield Metric(
        "citygate_department_calls_total",
        "counter",
        "Calls to departments by outcome, and by where the answer came from.",
        labelled(("department", "outcome", "cache"), gateway.calls.tally),
    )
    for name, text, number in _GUARDS:
        yield Metric(name, "gauge", text, partial(_by_department, gateway, number))


def _by_department(gateway: Gateway, number: Callable[[Any], int]) -> Values:
    return {(("department", name),): int(number(guard)) for name, guard in gateway.guards.each().items()}


def _protection(gateway: Gateway) -> Iterable[Metric]:
    refused, store = gateway.calls.shares.refused, gateway.store
    yield Metric(
        SHARE,
        "counter",
        "Answers made for one person that were about to be handed to another; each was refused.",
        lambda: {(("place", place),): refused[place] for place in PLACES},
    )
    yield Metric(
        "citygate_store_unopened_total",
        "counter",
        "Values in the store that did not open: another key, or changed by somebody.",
        one(lambda: getattr(store, "unsealable", 0)),
    )


def _memory(gateway: Gateway) -> Iterable[Metric]:
    lane, kept, known = gateway.fast_lane, gateway.kept_answers, gateway.identities
    yield Metric("citygate_whole_answers", "gauge", "Whole answers in memory.", one(lambda: len(kept)))
    yield Metric(
        "citygate_fast_lane_requests",
        "gauge",
        "Requests that the fast lane remembers.",
        one(lambda: len(lane) if lane is not None else 0),
    )
    yield Metric("citygate_tokens", "gauge", "Verified tokens in memory.", one(lambda: len(known)))
