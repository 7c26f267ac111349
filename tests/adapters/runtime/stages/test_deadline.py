"""A department that takes it is told how long its answer is waited for."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime

import msgspec
import pytest

from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.runtime.stages.deadline import DeadlineTransport
from adapters.runtime.stages.guards import Guards
from tests.adapters.runtime.notes import Desk


class Door:
    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Reply:
        self.requests.append(request)
        return Reply(status=200, headers={}, body=b"")


def call_until(until: float) -> None:
    info = CallInfo(id="1", operation="x.y", subject=None, locale="en", at=datetime.now(UTC), until=until)
    set_current_call(info)


@pytest.mark.parametrize(("header", "low", "high"), [("X-Timeout-Ms", 9000, 10_000), ("Prefer", 9, 10)])
async def test_what_is_left_is_sent_in_the_fields_own_unit(header: str, low: int, high: int) -> None:
    door = Door()
    call_until(asyncio.get_running_loop().time() + 10)
    await DeadlineTransport(door, header).send(Request(method="GET", path="/", headers={"accept": "x"}))
    sent = dict(door.requests[0].headers)
    assert sent.pop("accept") == "x"
    value = sent.pop(header)
    assert value.startswith("wait=") == (header == "Prefer")
    assert low <= int(value.removeprefix("wait=")) <= high
    assert not sent


async def test_a_call_that_is_late_has_nothing_left() -> None:
    door = Door()
    call_until(asyncio.get_running_loop().time() - 1)
    await DeadlineTransport(door, "X-Timeout-Ms").send(Request(method="GET", path="/"))
    assert door.requests[0].headers == {"X-Timeout-Ms": "0"}


async def test_without_a_deadline_nothing_is_said() -> None:
    door, request = Door(), Request(method="GET", path="/")
    call_until(math.inf)
    await DeadlineTransport(door, "X-Timeout-Ms").send(request)
    assert door.requests == [request]


async def test_it_is_said_where_the_manifest_names_the_field() -> None:
    door, guards, manifest = Door(), Guards({}), Desk().read().manifest
    call_until(asyncio.get_running_loop().time() - 1)
    for header in (None, "X-Timeout-Ms"):
        named = msgspec.structs.replace(manifest, deadline_header=header)
        await guards.door(door, named).send(Request(method="GET", path="/"))
    assert [request.headers for request in door.requests] == [{}, {"X-Timeout-Ms": "0"}]
