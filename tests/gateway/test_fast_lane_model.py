"""Any history of requests, writes, time and keys: a gateway with the lane answers what its twin without one does."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.fast_lane import FastLane
from tests.gateway.fast_city import (
    GRAPHQL,
    MINE,
    OURS,
    City,
    Clock,
    Served,
    Wire,
    connected,
    get,
    post,
    serving,
    set_clock,
    without_trace,
)
from tests.gateway.test_identity import OLD_AFTER, Issuer

PERSONS = ("ann", "bob", None)


@dataclass(frozen=True)
class Ask:
    """Requests sent on one connection, in pieces that end at `cuts` (shares of the whole), all of that `times`."""

    asked: tuple[tuple[str | None, str, str, str, str], ...]
    cuts: tuple[float, ...] = ()
    times: int = 1


@dataclass(frozen=True)
class WriteElsewhere:
    owner: str


@dataclass(frozen=True)
class Pass:
    seconds: float


@dataclass(frozen=True)
class Rotate:
    """The login service withdraws its key and has another one; tokens from now on are signed by that."""


asked = st.tuples(
    st.sampled_from(PERSONS),
    st.sampled_from([MINE, OURS, "{ mine ours }", "{ ours broken }", "{"]),
    st.sampled_from(["en", "zh"]),
    st.sampled_from([GRAPHQL, "application/json", "text/plain"]),
    st.sampled_from(["POST", "POST", "GET"]),
)
# Most requests are alike and whole, so that the lane has something to answer.
usual = st.builds(
    lambda person, document, times: Ask(((person, document, "en", GRAPHQL, "POST"),), times=times),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from([MINE, OURS]),
    st.integers(2, 6),
)
steps = st.one_of(
    usual,
    usual,
    usual,
    st.builds(
        Ask,
        st.lists(asked, min_size=1, max_size=3).map(tuple),
        st.lists(st.floats(0.0, 1.0), max_size=3).map(lambda cuts: tuple(sorted(cuts))),
    ),
    st.builds(
        lambda person: Ask(((person, 'mutation { write(text: "mine") }', "en", GRAPHQL, "POST"),)),
        st.sampled_from(["ann", "bob"]),
    ),
    st.builds(WriteElsewhere, st.sampled_from(["ann", "bob", "everybody"])),
    st.builds(Pass, st.sampled_from([0.4, 0.9, 1.0, 1.1, 50.0, 299.0])),
    st.just(Rotate()),
)


class Twins:
    """Both gateways, their clients, and the tokens that persons have in hand."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kid = 0
        self.issuer = Issuer()
        self.issuer.rotate("0")
        self.fast, self.slow = City(clock, self.issuer), City(clock, self.issuer)
        self.tokens = {person: self._token(person) for person in PERSONS if person}

    def _token(self, person: str) -> str:
        exp = int(self.clock.now) + (120 if person == "bob" else 80_000)
        return self.issuer.token(kid=str(self.kid), sub=person, exp=exp)

    def request(self, person: str | None, document: str, language: str, accept: str, method: str) -> bytes:
        token = self.tokens[person] if person else None
        return (post if method == "POST" else get)(document, token, accept_language=language, accept=accept)

    async def happen(self, step: Any) -> None:
        if isinstance(step, Pass):
            self.clock.now += step.seconds
        elif isinstance(step, WriteElsewhere):
            for city in (self.fast, self.slow):
                await city.written_elsewhere(step.owner)
        elif isinstance(step, Rotate):
            self.kid += 1
            self.issuer.rotate(str(self.kid))
            self.tokens["bob"] = self._token("bob")
            self.clock.now += OLD_AFTER

    async def settle(self) -> None:
        """Let key renewals end: they run beside the requests."""
        for city in (self.fast, self.slow):
            await city.keys_are_renewed()


async def exchange(wire: Wire, pieces: list[bytes], count: int) -> list[bytes]:
    for piece in pieces[:-1]:
        wire.writer.write(piece)
        await asyncio.sleep(0.001)
    wire.writer.write(pieces[-1])
    return [without_trace(await wire.answer()) for _ in range(count)]


def cut(whole: bytes, shares: tuple[float, ...]) -> list[bytes]:
    ends = [*(int(share * len(whole)) for share in shares), len(whole)]
    begins = [0, *ends[:-1]]
    return [piece for begin, end in zip(begins, ends, strict=True) if (piece := whole[begin:end])]


async def both_answer_alike(clock: Clock, history: list[Any]) -> int:
    """How many requests were answered in the lane."""
    twins = Twins(clock)
    async with AsyncExitStack() as stack:
        servers: list[Served] = [
            await stack.enter_async_context(serving(twins.fast, lane=FastLane(1 << 18))),
            await stack.enter_async_context(serving(twins.slow, lane=None)),
        ]
        wires = [await stack.enter_async_context(connected(each.port)) for each in servers]
        for step in history:
            if isinstance(step, Ask):
                requests = [twins.request(*each) for each in step.asked]
                pieces = cut(b"".join(requests), step.cuts)
                for _ in range(step.times):
                    fast, slow = [await exchange(wire, pieces, len(requests)) for wire in wires]
                    assert fast == slow
                await twins.settle()
            else:
                await twins.happen(step)
        assert twins.fast.texts == twins.slow.texts
        return twins.slow.requests - twins.fast.requests


def test_the_lane_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = set_clock(monkeypatch)
    saved = 0

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=5, max_size=25))
    def check(history: list[Any]) -> None:
        nonlocal saved
        saved += asyncio.run(both_answer_alike(clock, history))

    check()
    assert saved, "the lane had nothing to do"
