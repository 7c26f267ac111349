"""What is somebody's is kept by no cache on the way to the client, and what is everybody's for no longer than it is."""

from __future__ import annotations

import re

import pytest

from gateway.fast_lane import FastLane
from tests.gateway.fast_city import MINE, OURS, City, get, post, serving, set_clock
from tests.gateway.test_identity import Issuer


def rule(answer: bytes) -> str:
    """What the one `Cache-Control` of an answer says."""
    head = answer.partition(b"\r\n\r\n")[0]
    assert b"\r\nvary: Accept, Accept-Language, Authorization" in head
    (said,) = re.findall(rb"\r\ncache-control: ([^\r]+)", head)
    return str(said, "ascii")


async def test_only_what_is_everybodys_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made, found and given again on the fast lane."""
    city = City(set_clock(monkeypatch), Issuer())
    async with serving(city, lane=FastLane(1 << 20)) as served:
        token = city.issuer.token(sub="ann", exp=int(city.clock.now) + 600)
        for _ in range(4):
            assert rule(await served.ask(get(MINE, token))) == "private, no-cache"
            assert rule(await served.ask(get(OURS))) == "public, max-age=300"
            for unkept in (post(MINE, token), post(OURS), get(MINE), get("{ ours broken }"), get(MINE, token + "x")):
                assert rule(await served.ask(unkept)) == "no-store"
