"""Each misbehaviour, over a real socket."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

BOOKS = {"books": ["红楼梦", "水浒传", "西游记"]}
SCENARIO = "X-Sandbox-Scenario"


async def play(client: aiohttp.ClientSession, **scenario: object) -> None:
    async with client.put("/_sandbox/scenario", json=scenario) as reply:
        assert reply.status == 200, await reply.text()


async def books(client: aiohttp.ClientSession, **headers: str) -> tuple[int, dict[str, Any]]:
    async with client.get("/books", headers=headers) as reply:
        return reply.status, await reply.json()


async def test_without_a_scenario_the_department_answers(library):
    assert await books(library) == (200, BOOKS)


async def test_slow_waits_and_then_answers(library):
    await play(library, kind="slow", seconds=0.3)
    before = asyncio.get_running_loop().time()
    assert await books(library) == (200, BOOKS)
    assert asyncio.get_running_loop().time() - before >= 0.3


async def test_hang_never_answers_and_holds_up_nobody_else(library):
    await play(library, kind="hang", operation="books.borrow")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(library.post("/loans", json={"title": "水浒传"}), timeout=0.3)
    assert await books(library) == (200, BOOKS)


async def test_error_is_worded_by_the_department(library):
    await play(library, kind="error")
    assert await books(library) == (500, {"problem": "books.list failed"})


async def test_inner_fault_sees_the_call(library):
    await play(library, kind="inner_fault")
    async with library.post("/loans", data=b"12345") as reply:
        assert (reply.status, await reply.json()) == (200, {"fault": "5 bytes"})


async def test_maintenance_lasts_until_a_moment(library):
    await play(library, kind="maintenance", seconds=90)
    status, answer = await books(library)
    left = datetime.fromisoformat(answer["until"]) - datetime.now(UTC)
    assert status == 503
    assert 80 < left.total_seconds() <= 90


async def test_quota_counts_calls_in_a_window(library):
    await play(library, kind="quota", calls=2, per=0.4)
    seen = []
    for _ in range(3):
        async with library.get("/books") as reply:
            seen.append((reply.status, reply.headers["RateLimit-Remaining"]))
            assert reply.headers["RateLimit-Limit"] == "2"
            assert reply.headers["RateLimit-Reset"] == "1"
    assert seen == [(200, "1"), (200, "0"), (429, "0")]
    await asyncio.sleep(0.45)
    assert await books(library) == (200, BOOKS)


async def test_a_call_over_quota_changes_nothing(library):
    async with library.post("/loans", json={"title": "水浒传"}, headers={SCENARIO: "quota; calls=0"}) as reply:
        assert (reply.status, await reply.json()) == (429, {"retryAfter": 60})
    assert await books(library) == (200, BOOKS)


async def test_junk_keeps_status_and_type_but_cannot_be_parsed(library):
    await play(library, kind="junk")
    async with library.get("/books") as reply:
        assert (reply.status, reply.content_type) == (200, "application/json")
        with pytest.raises(json.JSONDecodeError):
            json.loads(await reply.read())


async def test_drop_closes_the_connection_before_the_work(library):
    await play(library, kind="drop")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await library.post("/loans", json={"title": "水浒传"})
    await library.delete("/_sandbox/scenario")
    assert await books(library) == (200, BOOKS)


async def test_lost_answer_closes_the_connection_after_the_work(library):
    await play(library, kind="lost_answer")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await library.post("/loans", json={"title": "水浒传"})
    await library.delete("/_sandbox/scenario")
    assert await books(library) == (200, {"books": ["红楼梦", "西游记"]})


async def test_a_scenario_may_last_a_number_of_calls(library):
    await play(library, kind="error", times=2)
    assert [(await books(library))[0] for _ in range(3)] == [500, 500, 200]


async def test_a_scenario_for_one_operation_goes_before_the_general_one(library):
    await play(library, kind="error")
    await play(library, kind="maintenance", operation="books.list")
    assert (await books(library))[0] == 503
    await library.delete("/_sandbox/scenario", params={"operation": "books.list"})
    assert (await books(library))[0] == 500
    await library.delete("/_sandbox/scenario")
    assert (await books(library))[0] == 200


async def test_a_header_is_for_its_own_request(library):
    assert (await books(library, **{SCENARIO: "error"}))[0] == 500
    assert (await books(library))[0] == 200


@pytest.mark.parametrize("header", ["shout", "slow; seconds=long", "slow; volume=2", "slow; seconds=nan", ""])
async def test_a_header_that_makes_no_sense_is_refused(library, header):
    async with library.get("/books", headers={SCENARIO: header}) as reply:
        assert reply.status == (400 if header else 200)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "kind"),
        (b'{"kind": ["slow"]}', "kind"),
        (b'{"kind": "slow", "seconds": -1}', "seconds: -1"),
        (b'{"kind": "slow", "seconds": 1e99}', "between 0 and 3600"),
        (b'{"kind": "slow", "seconds": true}', "seconds: True is not a number"),
        (b'{"kind": "error", "times": 0}', "times: 0"),
        (b'{"kind": "error", "operation": 5}', "operation: 5"),
        (b'{"kind": "error", "colour": "red"}', "'colour'"),
    ],
)
async def test_a_scenario_that_makes_no_sense_is_refused_with_the_reason(library, body, reason):
    async with library.put("/_sandbox/scenario", data=body) as reply:
        assert reply.status == 400
        assert reason in (await reply.json())["error"]
    assert await books(library) == (200, BOOKS)
