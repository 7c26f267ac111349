"""Rates: who is charged for a request, how much, and what is said about it, on the long way and in the fast lane."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.types import Scope

from adapters.contract.records import PersonId
from adapters.runtime.allowances import Allowances
from adapters.runtime.store.rates.memory import MemoryRates
from gateway.fast_lane import FastLane
from gateway.graphql.refusal import HTTPRefusal
from gateway.limit_settings import Limits, Rate, Rates
from gateway.rates import RateLimits
from gateway.settings import GraphQL
from gateway.wiring import build
from resolvers.common.context import Viewer
from tests.gateway.asgi import graphql
from tests.gateway.fast_city import MINE, OURS, City, Clock, Served, connected, post, serving, set_clock
from tests.gateway.test_fast_lane import token
from tests.gateway.test_identity import Issuer
from tests.gateway.test_wiring import CATEGORIES, settings_for

SLOW = 3600.0


def limits(proxies: Sequence[str] = (), **policies: tuple[int, float]) -> RateLimits:
    return RateLimits(Allowances(MemoryRates(), policies, lambda kind, who: f"{kind}/{who}"), proxies)


def scope(peer: str = "192.0.2.1", forwarded: str | None = None) -> Scope:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return {"type": "http", "client": (peer, 4711), "headers": headers}


def person(name: str, **more: Any) -> Viewer:
    return Viewer(PersonId(name), **more)


async def charged(limited: RateLimits, *asked: tuple[Scope, Viewer | None]) -> list[bool]:
    """Whether each may have all but one of the two units that there are."""
    found = []
    for each in asked:
        try:
            await limited.charge(*each, 2)
            found.append(True)
        except HTTPRefusal:
            found.append(False)
    return found


async def test_what_is_left_is_said_and_too_much_is_refused() -> None:
    limited = limits(subject=(6, 60.0), client=(100, 10.0))
    viewer = person("ann", client="app")
    fields = (await limited.charge(scope(), viewer, 4))()
    assert fields == {
        "ratelimit-policy": '"subject";q=6;w=60, "client";q=100;w=10',
        "ratelimit": '"subject";r=2;t=40, "client";r=96;t=1',
    }
    with pytest.raises(HTTPRefusal) as caught:
        await limited.charge(scope(), viewer, 4)
    refusal = caught.value
    assert (refusal.status, refusal.code) == (429, "RATE_LIMITED")
    assert refusal.headers["retry-after"] == "20"
    assert refusal.headers["ratelimit"].startswith('"subject";r=2;t=40')
    assert refusal.errors[0].extensions == {"code": "RATE_LIMITED", "retryable": True, "retryAfter": 20}
    await limited.charge(scope(), viewer, 2)


async def test_a_person_is_one_whatever_the_app_and_address_and_an_app_whoever_asks() -> None:
    ann, bob = person("ann"), person("bob")
    assert await charged(limits(subject=(2, SLOW)), (scope(), ann), (scope("192.0.2.2"), ann), (scope(), bob)) == [
        True,
        False,
        True,
    ]
    app = limits(client=(2, SLOW))
    asked = [(scope(), person("ann", client="app")), (scope(), person("bob", client="app"))]
    assert await charged(app, *asked, (scope(), person("bob", client="other")), (scope(), bob)) == [
        True,
        False,
        True,
        True,
    ]


async def test_who_acts_for_somebody_pays() -> None:
    acting = [(scope(), person(name, actor=PersonId("ann"), basis="issuer")) for name in ("bob", "eve")]
    assert await charged(limits(subject=(2, SLOW)), *acting, (scope(), person("bob"))) == [True, False, True]


@pytest.mark.parametrize(
    ("proxies", "first", "second", "same"),
    [
        ([], scope("192.0.2.1"), scope("192.0.2.1"), True),
        ([], scope("192.0.2.1"), scope("192.0.2.2"), False),
        ([], scope("2001:db8:1:2::1"), scope("2001:db8:1:2:ffff::9"), True),
        ([], scope("2001:db8:1:2::1"), scope("2001:db8:1:3::1"), False),
        ([], scope("::ffff:192.0.2.1"), scope("192.0.2.1"), True),
        # nobody's word is taken but a proxy's, and of what it says only what it has seen itself
        ([], scope("192.0.2.1", "198.51.100.7"), scope("192.0.2.1", "198.51.100.8"), True),
        (["10.0.0.0/8"], scope("192.0.2.1", "198.51.100.7"), scope("192.0.2.1", "198.51.100.8"), True),
        (["10.0.0.0/8"], scope("10.1.1.1", "198.51.100.7"), scope("10.1.1.1", "198.51.100.8"), False),
        (["10.0.0.0/8"], scope("10.1.1.1", "198.51.100.7"), scope("10.2.2.2", "1.1.1.1, 198.51.100.7"), True),
        (["10.0.0.0/8"], scope("10.1.1.1", "198.51.100.7, 10.3.3.3"), scope("10.1.1.1", "198.51.100.7"), True),
        (["10.0.0.0/8"], scope("10.1.1.1", "nonsense"), scope("10.1.1.1", "other"), True),
        (["10.0.0.0/8"], scope("10.1.1.1"), scope("10.1.1.1", "10.9.9.9"), True),
    ],
)
async def test_an_address_is_the_client_s(proxies: list[str], first: Scope, second: Scope, *, same: bool) -> None:
    limited = limits(proxies, address=(2, SLOW))
    assert await charged(limited, (first, None), (second, None)) == [True, not same]
    assert await charged(limited, (first, person("ann"))) == [True]


# Through the endpoint and the lane


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return set_clock(monkeypatch)


def city(clock: Clock, **policies: tuple[int, float]) -> City:
    return City(clock, Issuer(), limits=limits([], **policies))


def lane_of(city: City) -> FastLane:
    assert city.limits is not None
    return FastLane(1 << 20, allowance_of=city.limits.of_peer)


async def statuses(served: Served, request: bytes, count: int) -> list[int]:
    async with connected(served.port) as wire:
        return [int((await wire.ask(request)).split()[1]) for _ in range(count)]


async def test_kept_answers_cost_one_also_in_the_lane(clock: Clock) -> None:
    here = city(clock, subject=(300, SLOW))
    async with serving(here, lane=lane_of(here)) as served:
        mine, other = (post(MINE, token(served, who)) for who in ("ann", "bob"))
        first, *_, last = [await served.ask(mine) for _ in range(5)]
        assert b'\r\nratelimit: "subject";r=299;t=12\r\n' in first
        assert b'\r\nratelimit-policy: "subject";q=300;w=3600\r\n' in first
        assert b"ratelimit" not in last
        before = here.requests
        found = await statuses(served, mine, 310)
        assert found.count(200) == 295
        assert found == sorted(found)
        assert here.requests - before < 60
        refused = await served.ask(mine)
        assert b" 429 Too Many Requests\r\n" in refused
        assert re.search(rb"\r\nretry-after: 1[0-2]\r\n", refused)
        assert b'"RATE_LIMITED"' in refused
        assert (await statuses(served, other, 2)) == [200, 200]


async def test_without_a_token_each_connection_s_address_pays_also_in_the_lane(clock: Clock) -> None:
    here = city(clock, address=(40, SLOW))
    async with serving(here, lane=lane_of(here)) as served:
        found = await statuses(served, post(OURS), 60)
        assert found.count(200) == 40
        assert found == sorted(found)
        assert (await statuses(served, post(OURS, token(served)), 3)) == [200] * 3


async def test_what_is_refused_before_it_runs_costs_one(clock: Clock) -> None:
    here = city(clock, subject=(5, SLOW))
    async with serving(here, lane=None) as served:
        assert await statuses(served, post("{ nonsense", token(served)), 7) == [400] * 5 + [429] * 2


# Through the whole gateway


async def answers(*asked: tuple[str, str | None]) -> list[int]:
    """Statuses of what an address asks of a gateway that gives it six units; no department and no issuer is there."""
    nowhere = settings_for("http://127.0.0.1:9", "http://127.0.0.1:9")
    graphql_settings = GraphQL(limits=Limits(requests=2), rates=Rates(address=Rate(units=6, per="1h")))
    gateway = build(replace(nowhere, gateway=replace(nowhere.gateway, graphql=graphql_settings)))
    found = []
    for document, authorization in asked:
        headers = [("authorization", authorization)] if authorization else []
        found.append((await graphql(gateway.endpoint, document, *headers)).status)
    await gateway.aclose()
    return found


async def test_what_must_be_executed_costs_its_requests_on_top() -> None:
    assert await answers(*[("{ __typename }", None)] * 8) == [200] * 6 + [429] * 2
    assert await answers(*[(CATEGORIES, None)] * 4) == [294] * 3 + [429]


async def test_a_token_that_is_not_believed_is_charged_to_the_address() -> None:
    assert await answers(*[("{ __typename }", "Bearer x.y.z")] * 8) == [401] * 6 + [429] * 2
