"""Two gateways on one real Valkey: what one has read the other knows, a write is seen by both, and it may die."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox, call, serving
from tests.servers.valkey import ValkeyServer, own_server

pytestmark = pytest.mark.redis


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A server that a test may kill."""
    with own_server() as server:
        yield server


@pytest.fixture
def both(running_city: SandboxCity, sandbox: Sandbox, valkey: ValkeyServer) -> Iterator[tuple[Client, Client]]:
    with (
        serving(running_city, store=valkey.url) as first,
        serving(running_city, store=valkey.url) as second,
    ):
        yield Client(first, sandbox), Client(second, sandbox)


def test_what_one_gateway_has_read_the_other_does_not_ask_for(both: tuple[Client, Client], sandbox: Sandbox) -> None:
    first, second = both
    answer = first.example("home-screen", "resident")
    sandbox.forget_calls()
    assert second.example("home-screen", "resident")["data"] == answer["data"]
    assert sandbox.calls() == {}
    assert second.example("home-screen", "parent")["data"] != answer["data"], "nobody gets another's"


@pytest.mark.skipif("hotline" not in CONFIGURED, reason="the hotline is not configured")
def test_a_write_through_one_is_seen_through_the_other(both: tuple[Client, Client]) -> None:
    first, second = both
    before = [one.data("complaints", "resident")["viewer"]["complaints"]["totalCount"] for one in both]
    category = first.ask("{ complaintCategories { code } }")["data"]["complaintCategories"][0]["code"]
    place = {"address": "关山大道1号", "location": {"latitude": 30.4586, "longitude": 114.4142}}
    order = {"categoryCode": category, "description": "Noise at night.", **place}
    assert second.data("file-a-complaint", "resident", input=order)["fileComplaint"]["problems"] == []
    assert second.data("complaints", "resident")["viewer"]["complaints"]["totalCount"] == before[1] + 1, "at once"
    for _ in range(50):  # whole answers are coherent between processes within a second
        if first.data("complaints", "resident")["viewer"]["complaints"]["totalCount"] == before[0] + 1:
            return
        time.sleep(0.1)
    pytest.fail("the other gateway goes on with the old answer")


def test_the_store_may_die_and_come_back(both: tuple[Client, Client], valkey: ValkeyServer) -> None:
    first, _ = both
    answer = first.example("home-screen", "officer")
    valkey.kill()
    assert call(f"{first.address}/health/ready")["store"] == "down"
    assert first.example("home-screen", "officer")["data"] == answer["data"]
    valkey.start()
    assert first.example("home-screen", "officer")["data"] == answer["data"]
