"""No request goes that the department would refuse: by what is agreed on, and by what its replies say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from adapters.contract.errors import QuotaExceeded
from adapters.contract.manifest import Quota
from adapters.contract.transport import Reply, Request
from adapters.runtime.stages.metered import MeteredTransport
from adapters.runtime.stages.quota import QuotaMeter, left_in
from tests.adapters.runtime.stages.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock: Clock) -> QuotaMeter:
    meter = QuotaMeter(clock=clock)
    meter.configure(None, longest_wait=600)
    return meter


def send(meter: QuotaMeter, headers: Mapping[str, str] | None = None) -> None:
    meter.begin()
    meter.under_way -= 1
    meter.heard(headers or {})


def refused_for(meter: QuotaMeter) -> float:
    """Seconds; 0 when a request may go."""
    try:
        meter.check()
    except QuotaExceeded as exc:
        assert exc.retry_after is not None
        return exc.retry_after
    return 0.0


def test_the_agreed_number_goes_in_any_window(meter: QuotaMeter, clock: Clock) -> None:
    meter.configure(Quota(calls=3, per="60s"), 600)
    for _ in range(3):
        send(meter)
        clock.passes(10)
    assert refused_for(meter) == 30
    with pytest.raises(QuotaExceeded):
        meter.begin()
    clock.passes(30)
    send(meter)
    assert refused_for(meter) == 10, "the window slides"


def test_a_process_has_its_share_of_it(clock: Clock) -> None:
    meter = QuotaMeter(1 / 3, clock)
    for calls, share in ((10, 3), (2, 1)):
        meter.configure(Quota(calls=calls, per="1s"), 600)
        clock.passes(1)
        for _ in range(share):
            send(meter)
        assert refused_for(meter) > 0


def test_a_smaller_quota_counts_what_has_gone_already(meter: QuotaMeter, clock: Clock) -> None:
    meter.configure(Quota(calls=10, per="60s"), 600)
    for _ in range(4):
        send(meter)
        clock.passes(1)
    meter.configure(Quota(calls=2, per="60s"), 600)
    assert refused_for(meter) == 58, "until but one of them is out of the window"


def test_a_refusal_is_believed_as_long_as_it_says_and_is_allowed(meter: QuotaMeter, clock: Clock) -> None:
    meter.wait(30)
    assert refused_for(meter) == 30
    clock.passes(30)
    assert refused_for(meter) == 0
    meter.wait(1e9)
    assert refused_for(meter) == 600
    meter.configure(None, longest_wait=5)
    assert refused_for(meter) == 5
    clock.passes(5)
    meter.wait(None)
    assert refused_for(meter) == 0


def test_what_a_reply_says_is_left_is_used_and_no_more(meter: QuotaMeter, clock: Clock) -> None:
    send(meter, {"ratelimit-remaining": "2", "ratelimit-reset": "7"})
    send(meter)
    assert refused_for(meter) == 0
    send(meter)
    assert refused_for(meter) == 7
    clock.passes(7)
    assert refused_for(meter) == 0


def test_requests_under_way_are_taken_off_what_is_left(meter: QuotaMeter) -> None:
    meter.begin()
    send(meter, {"ratelimit-remaining": "1", "ratelimit-reset": "7"})
    assert refused_for(meter) == 7
    meter.under_way -= 1
    meter.heard({"ratelimit-remaining": "1", "ratelimit-reset": "7"})
    assert refused_for(meter) == 0


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"ratelimit-remaining": "3", "ratelimit-reset": "7"}, (3, 7.0)),
        ({"ratelimit": '"default";r=50;t=30'}, (50, 30.0)),
        ({"ratelimit": '"perminute";r=5;t=30, "perday";r=2;t=3600'}, (2, 3600.0)),
        ({"ratelimit": '"a";r=5'}, (None, 0.0)),
        ({"ratelimit-remaining": "3"}, (None, 0.0)),
        ({"ratelimit-remaining": "-1", "ratelimit-reset": "7"}, (None, 0.0)),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "soon"}, (None, 0.0)),
        ({"ratelimit-remaining": "9" * 400, "ratelimit-reset": "7"}, (None, 0.0)),
        ({}, (None, 0.0)),
    ],
)
def test_both_forms_of_the_fields_are_read_and_nothing_else(
    headers: Mapping[str, str], left: tuple[int | None, float]
) -> None:
    assert left_in(headers) == left


class Door:
    """A transport that fails when it is told to."""

    def __init__(self) -> None:
        self.sent = 0
        self.failure: BaseException | None = None

    async def send(self, request: Request) -> Reply:
        self.sent += 1
        if self.failure:
            raise self.failure
        return Reply(status=200, headers={"ratelimit-remaining": "1", "ratelimit-reset": "7"}, body=b"")


async def test_a_transport_counts_business_calls_and_hears_the_replies(meter: QuotaMeter) -> None:
    door = Door()
    metered = MeteredTransport(door, meter)
    for _ in range(3):
        await metered.send(Request(method="POST", path="/token", counts=False))
    assert refused_for(meter) == 0
    door.failure = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await metered.send(Request(method="GET", path="/x"))
    door.failure = None
    await metered.send(Request(method="GET", path="/x"))
    meter.configure(Quota(calls=2, per="60s"), 600)
    with pytest.raises(QuotaExceeded):
        for _ in range(3):
            await metered.send(Request(method="GET", path="/x"))
    assert door.sent == 7
    assert meter.under_way == 0
