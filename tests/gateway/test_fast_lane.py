"""The fast lane over real sockets: the same bytes as the long way, to nobody else, and not a moment too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from adapters.runtime.answers import COHERENT_WITHIN
from gateway.commands.connections import Connection
from gateway.fast_lane import ENTRY_BYTES, LONGEST_REQUEST, Asked, FastLane, Nobody, Said
from gateway.stores import revocations_in
from tests.gateway.fast_city import (
    MINE,
    OURS,
    City,
    Clock,
    Served,
    connected,
    data,
    get,
    post,
    serving,
    set_clock,
    traces,
    without_trace,
)
from tests.gateway.test_identity import OLD_AFTER, Issuer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return set_clock(monkeypatch)


@pytest.fixture
def city(clock: Clock) -> City:
    return City(clock, Issuer())


@pytest.fixture
async def served(city: City) -> AsyncIterator[Served]:
    async with serving(city, lane=FastLane(1 << 20), timeout_keep_alive=60) as served:
        yield served


async def is_fast(served: Served, request: bytes) -> bool:
    """Whether a request is answered without the application."""
    before = served.city.requests
    assert b" 200 OK\r\n" in await served.ask(request)
    return served.city.requests == before


def token(served: Served, person: str = "ann", **claims: Any) -> str:
    exp = int(served.city.clock.now) + 600
    return served.city.issuer.token(**{"sub": person, "exp": exp, **claims})


async def test_a_kept_answer_is_given_again_with_a_trace_of_its_own(served: Served) -> None:
    request = post(MINE, token(served))
    answers = [await served.ask(request) for _ in range(5)]
    assert served.city.requests == 2, "made, then found"
    assert len({without_trace(answer) for answer in answers}) == 1
    assert data(answers[4]) == {"mine": "ann 0 in zh-CN "}
    for answer in answers:
        header, extension = traces(answer)
        assert header == extension
    assert len({traces(answer)[0] for answer in answers}) == 5
    assert served.state.total_requests == 5


async def test_the_date_is_the_servers(served: Served) -> None:
    await served.warm(post(OURS))
    served.state.default_headers = [(b"date", b"Wed, 02 Jan 2030 00:00:00 GMT")]
    assert b"\r\ndate: Wed, 02 Jan 2030 00:00:00 GMT\r\n" in await served.ask(post(OURS))


async def test_without_telemetry_there_is_no_trace(city: City) -> None:
    async with serving(city, lane=FastLane(1 << 20), keep=0) as served:
        slow = await served.ask(post(OURS))
        await served.ask(post(OURS))
        assert await is_fast(served, post(OURS))
        assert traces(slow) == []
        assert await served.ask(post(OURS)) == slow


async def test_a_sampled_request_has_the_trace_that_the_long_way_makes(city: City) -> None:
    async with serving(city, lane=FastLane(1 << 20), sample_ratio=1.0) as served:
        answers = [await served.ask(post(OURS)) for _ in range(3)]
        assert city.requests == 2
        long, fast = (served.telemetry.traces.get(traces(answer)[0].decode()) for answer in answers[1:])
        assert long is not None
        assert fast is not None
        ((span,), (other,)) = long.spans, fast.spans
        assert (span.name, span.kind, span.status, span.attributes) == (
            other.name,
            other.kind,
            other.status,
            other.attributes,
        )
        assert (other.parent_id, other.links, other.events) == (span.parent_id, span.links, span.events)


async def test_nobody_gets_what_somebody_else_has_asked_for(served: Served) -> None:
    ann, bob = token(served, "ann"), token(served, "bob")
    await served.warm(post(MINE, ann))
    assert data(await served.ask(post(MINE, bob))) == {"mine": "bob 0 in zh-CN "}
    assert b'"data":{"mine":null}' in await served.ask(post(MINE))
    assert b" 401 " in (await served.ask(post(MINE, ann[:-4] + "AAAA"))).partition(b"\r\n")[0]
    doubled = post(MINE, ann).replace(b"accept:", f"authorization: Bearer {bob}\r\naccept:".encode())
    assert b" 401 " in (await served.ask(doubled)).partition(b"\r\n")[0]
    assert data(await served.ask(post(MINE, ann))) == {"mine": "ann 0 in zh-CN "}


async def test_another_language_or_media_type_is_another_request(served: Served) -> None:
    ann = token(served)
    await served.warm(post(MINE, ann))
    assert data(await served.warm(post(MINE, ann, accept_language="en"))) == {"mine": "ann 0 in en "}
    assert b"content-type: application/json;" in await served.warm(post(MINE, ann, accept="application/json"))
    assert b" 406 " in (await served.ask(post(MINE, ann, accept="text/plain"))).partition(b"\r\n")[0]


async def test_an_expired_credential_ends_it(served: Served) -> None:
    request = post(MINE, token(served, exp=int(served.city.clock.now) + 100))
    await served.warm(request)
    served.city.clock.now += 99.5
    await served.warm(request)
    assert await is_fast(served, request)
    served.city.clock.now += 0.6  # within the leeway it is verified each time
    assert not await is_fast(served, request)
    assert not await is_fast(served, request)


async def test_a_withdrawn_key_ends_it(served: Served) -> None:
    city = served.city
    request = post(MINE, token(served, exp=int(city.clock.now + 2 * OLD_AFTER)))
    await served.warm(request)
    city.clock.now += OLD_AFTER
    city.issuer.rotate("two")
    await served.warm(request)
    await city.keys_are_renewed()
    assert b" 401 " in (await served.ask(request)).partition(b"\r\n")[0]


async def test_a_revocation_ends_it(clock: Clock) -> None:
    city = City(clock, Issuer(), revoking=True)
    async with serving(city, lane=FastLane(1 << 20)) as served:
        stolen, other = (post(MINE, token(served, jti=jti)) for jti in ("stolen", "other"))
        for request in (stolen, other):
            await served.warm(request)
            assert await is_fast(served, request)
        await city.revocations.revoke("jti", "stolen", lifetime=3600)
        assert b" 401 " in (await served.ask(stolen)).partition(b"\r\n")[0]
        assert await is_fast(served, other)


async def test_a_revocation_elsewhere_ends_it_within_a_second(clock: Clock) -> None:
    city = City(clock, Issuer(), revoking=True)
    async with serving(city, lane=FastLane(1 << 20)) as served:
        stolen = post(MINE, token(served, jti="stolen"))
        await served.warm(stolen)
        assert await is_fast(served, stolen)
        await revocations_in(city.store).revoke("jti", "stolen", lifetime=3600)
        clock.now += 1.0
        assert b" 401 " in (await served.ask(stolen)).partition(b"\r\n")[0]


async def test_a_write_in_this_process_ends_it_at_once(served: Served) -> None:
    ann, bob = token(served, "ann"), token(served, "bob")
    for person in (ann, bob):
        await served.warm(post(MINE, person))
    await served.ask(post('mutation { write(text: "mine") }', ann))
    assert data(await served.ask(post(MINE, ann))) == {"mine": "ann 1 in zh-CN "}
    assert await is_fast(served, post(MINE, bob))


async def test_a_write_elsewhere_ends_it_within_a_second(served: Served) -> None:
    request = post(MINE, token(served))
    await served.warm(request)
    await served.city.written_elsewhere("ann")
    served.city.clock.now += COHERENT_WITHIN - 0.01
    assert data(await served.ask(request)) == {"mine": "ann 0 in zh-CN "}
    served.city.clock.now += 0.02
    assert data(await served.ask(request)) == {"mine": "ann 1 in zh-CN "}


async def test_what_is_compared_each_second_stays(served: Served) -> None:
    request = post(OURS)
    await served.warm(request)
    served.city.clock.now += COHERENT_WITHIN + 0.1
    assert [await is_fast(served, request) for _ in range(3)] == [False, True, True]


async def test_its_lifetime_ends_it(served: Served) -> None:
    request = post(OURS)
    for _ in range(299):
        served.city.clock.now += 1
    await served.warm(request)
    made = served.city.clock.now
    for _ in range(300):
        served.city.clock.now += 1
        await served.ask(request)
    assert served.city.clock.now == made + 300
    served.city.texts["everybody"] += 1  # changed without a write: only the lifetime shows it
    served.city.clock.now += 300
    assert data(await served.ask(request)) == {"ours": "everybody 1 in zh-CN "}


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
        {"expect": "100-continue"},
        {"upgrade": "h2c", "connection": "upgrade"},
        {"connection": "close"},
        {"te": "trailers"},
    ],
    ids=str,
)
async def test_what_is_unusual_goes_the_long_way(served: Served, headers: dict[str, str]) -> None:
    given: dict[str, Any] = headers
    request = post(OURS, **given)
    await served.warm(request)
    before = served.city.requests
    await served.ask(request)
    assert served.city.requests == before + 1


async def test_old_http_chunks_and_heads_go_the_long_way(served: Served) -> None:
    body = b'{"query": "{ ours }"}'
    chunked = post(OURS, body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), transfer_encoding="chunked")
    chunked = b"\r\n".join(line for line in chunked.split(b"\r\n") if not line.startswith(b"content-length"))
    old = post(OURS).replace(b"HTTP/1.1", b"HTTP/1.0")
    head = get(OURS).replace(b"GET", b"HEAD")
    for request in (chunked, old, head):
        for _ in range(3):
            before = served.city.requests
            async with connected(served.port) as wire:
                wire.writer.write(request)
                assert (await wire.reader.readline()).startswith(b"HTTP/1.1 200 ")
            assert served.city.requests == before + 1


async def test_a_get_is_fast_where_its_head_says_no_age(served: Served) -> None:
    mine, ours = get(MINE, token(served)), get(OURS)
    etag = next(line for line in (await served.warm(mine)).split(b"\r\n") if line.startswith(b"etag: "))
    assert await is_fast(served, mine)
    again = get(MINE, token(served), if_none_match=etag.decode().partition(" ")[2])
    for _ in range(3):
        assert b" 304 " in (await served.ask(again)).partition(b"\r\n")[0]
    for age in ("300", "299", "299", "298"):
        assert f"max-age={age}\r\n".encode() in await served.warm(ours)
        served.city.clock.now += 0.5


async def test_a_partial_answer_and_a_refusal_go_the_long_way(served: Served) -> None:
    for request in (post("{ ours broken }"), post("{ nothing }")):
        for _ in range(3):
            before = served.city.requests
            await served.ask(request)
            assert served.city.requests == before + 1


async def test_a_request_in_two_pieces_goes_the_long_way_whatever_the_pieces_are(served: Served) -> None:
    request = post(MINE, token(served))
    whole = without_trace(await served.warm(request))
    async with connected(served.port) as wire:
        for cut in range(1, len(request), 3):
            before = served.city.requests
            assert without_trace(await wire.ask(request[:cut], request[cut:])) == whole
            assert served.city.requests == before + 1
            assert without_trace(await wire.ask(request)) == whole
            assert served.city.requests == before + 1, "the next one in one piece is fast again"


async def test_a_piece_that_looks_like_a_kept_request_is_not_taken_for_one(served: Served) -> None:
    inner = post(MINE, token(served))
    await served.warm(inner)
    outer = post(OURS, body=b" " * 7 + inner)
    begin, rest = outer[: -len(inner)], outer[-len(inner) :]
    assert rest == inner
    async with connected(served.port) as wire:
        answer = await wire.ask(begin, rest)
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"ann" not in answer


async def test_a_piece_in_a_head_that_looks_like_a_kept_request_is_not_taken_for_one(served: Served) -> None:
    inner = post(MINE, token(served))
    mine = without_trace(await served.warm(inner))
    async with connected(served.port) as wire:
        assert without_trace(await wire.ask(inner)) == mine
        before = served.city.requests
        assert without_trace(await wire.ask(b"POST /graphql HTTP/1.1\r\nx: ", inner)) == mine
        assert served.city.requests == before + 1
        assert without_trace(await wire.ask(inner)) == mine


async def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    fast, other = post(MINE, token(served)), post(MINE, token(served, "bob"))
    mine = without_trace(await served.warm(fast))
    his = without_trace(await served.ask(other))
    async with connected(served.port) as wire:
        wire.writer.write(other + fast + other + fast)
        wire.writer.write(fast)
        assert [without_trace(await wire.answer()) for _ in range(5)] == [his, mine, his, mine, mine]


async def test_an_unfinished_answer_is_not_overtaken(city: City) -> None:
    gate = asyncio.Event()
    read = city._read

    async def slowly(owner: str, *arguments: object) -> str:
        if owner == "bob":
            await gate.wait()
        return await read(owner, *arguments)  # type: ignore[arg-type]

    city._read = slowly  # type: ignore[method-assign,assignment]
    async with serving(city, lane=FastLane(1 << 20)) as served:
        fast, slow = post(MINE, token(served)), post(MINE, token(served, "bob"))
        await served.warm(fast)
        async with connected(served.port) as wire:
            wire.writer.write(slow)
            await asyncio.sleep(0.05)
            wire.writer.write(fast)
            await asyncio.sleep(0.05)
            gate.set()
            assert [data(await wire.answer())["mine"][:3] for _ in range(2)] == ["bob", "ann"]


async def test_a_client_that_takes_nothing_is_not_written_to_without_end(served: Served) -> None:
    request = post('{ ours(pad: "%s") }' % ("x" * 12_000))
    await served.warm(request)
    assert await is_fast(served, request)
    async with connected(served.port) as wire:
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        most, before = 0, served.city.requests
        for _ in range(1500):
            wire.writer.write(request)
            for _ in range(4):
                await asyncio.sleep(0)  # one request in one piece
            if most == 0:
                assert served.city.requests == before, "fast as long as the client's side takes it"
            most = max(most, *(each.transport.get_write_buffer_size() for each in served.state.connections))
        wire.writer.transport.abort()
        assert HIGH_WATER_LIMIT <= most <= 2 * HIGH_WATER_LIMIT, "it was full, and no fuller"


async def test_a_full_server_refuses_as_ever(city: City) -> None:
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(city, lane=FastLane(1 << 20), limit_concurrency=2))
        await served.warm(post(OURS))
        await stack.enter_async_context(connected(served.port))
        await asyncio.sleep(0.02)
        assert b" 503 " in (await served.ask(post(OURS))).partition(b"\r\n")[0]


async def test_a_lane_that_is_closed_answers_nothing_more(served: Served) -> None:
    await served.warm(post(OURS))
    assert served.lane is not None
    served.lane.close()
    for _ in range(3):
        assert not await is_fast(served, post(OURS))
    assert len(served.lane) == 0


async def test_an_idle_connection_is_closed_and_a_busy_one_is_not(city: City) -> None:
    async with serving(city, lane=FastLane(1 << 20), timeout_keep_alive=0.3) as served:
        request = post(OURS)
        await served.warm(request)
        before = city.requests
        async with connected(served.port) as wire:
            for _ in range(10):
                await wire.ask(request)
                await asyncio.sleep(0.1)
            assert city.requests == before, "all of them fast, from the connection's first on"
            assert await wire.end() == b""


async def test_a_connection_that_was_answered_fast_is_no_silent_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "head_seconds", 0.2)
    async with serving(city, lane=FastLane(1 << 20), timeout_keep_alive=60) as served:
        await served.warm(post(OURS))
        async with connected(served.port) as wire:
            await wire.ask(post(OURS))
            await asyncio.sleep(0.5)
            before = city.requests
            await wire.ask(post(OURS))
            assert city.requests == before
            assert (await wire.ask(post(OURS)[:40])).startswith(b"HTTP/1.1 408 "), "heads have their time, as ever"


async def test_a_large_request_goes_the_long_way(served: Served) -> None:
    largest = post(OURS, x="y" * (LONGEST_REQUEST - len(post(OURS, x=""))))
    assert len(largest) == LONGEST_REQUEST
    await served.warm(largest)
    assert await is_fast(served, largest)
    larger = post(OURS, x="y" * (LONGEST_REQUEST - len(post(OURS, x="")) + 1))
    await served.warm(larger)
    assert not await is_fast(served, larger)


def said(size: int, trace_id: bytes = b"") -> Said:
    return Said(b"\r\n", b"x" * size, trace_id)


def test_memory_is_bounded_and_what_was_noted_first_goes_first() -> None:
    cost = 100 + 2 + 100 + ENTRY_BYTES
    lane = FastLane(20 * cost)
    requests = [b"%100d" % number for number in range(50)]
    for request in requests:
        lane.note(Asked(request, (Nobody(), Nobody())), said(100), lambda _start: b"")
    assert [lane.find(request) is not None for request in requests] == [False] * 30 + [True] * 20
    lane.note(Asked(requests[-1], (Nobody(), Nobody())), said(100), lambda _start: b"")
    assert len(lane) == 20
    lane.note(Asked(b"huge", (Nobody(), Nobody())), said(3 * cost), lambda _start: b"")
    assert lane.find(b"huge") is None, "one answer cannot push out all others"


def test_a_response_in_which_the_trace_id_is_not_where_it_should_be_is_not_noted() -> None:
    lane = FastLane(1 << 20)
    trace_id = b"4bf92f3577b34da6a3ce929d0e0e4736"
    for body in (b"", trace_id + trace_id):
        lane.note(Asked(b"r", (Nobody(), Nobody())), Said(trace_id, body, trace_id), lambda _start: trace_id)
    assert len(lane) == 0


def test_an_answer_that_is_found_for_a_request_without_its_credential_is_not_given() -> None:
    misdirected: list[bool] = []
    lane = FastLane(1 << 20, lambda: misdirected.append(True))
    hers, other = b"authorization: Bearer ann", b"authorization: Bearer bea"
    lane.note(Asked(hers, (Nobody(), Nobody(said=b"Bearer ann"))), said(100), lambda _start: b"")
    assert lane.find(hers)
    lane._answers[other] = lane._answers[hers]
    assert lane.find(other) is None
    assert misdirected == [True]


def test_what_may_not_be_given_any_more_is_swept() -> None:
    lane = FastLane(1 << 20)
    over, answer = Nobody(until=0.0), Nobody()
    for request, leases in {b"a": (answer, over), b"b": (over, answer), b"c": (answer, answer)}.items():
        lane.note(Asked(request, leases), said(100), lambda _start: b"")
    assert (lane.sweep(), len(lane)) == (2, 1)
    assert lane.find(b"c")
