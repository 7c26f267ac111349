"""What a department server remembers of its calls."""

import asyncio
from urllib.parse import urlsplit

import pytest

from sandbox.kit.app import LARGEST_BODY
from tests.sandbox.conftest import LIBRARY

TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


async def counts(client, **params):
    async with client.get("/_sandbox/calls", params=params) as reply:
        return await reply.json()


async def test_operations_tokens_and_stray_calls_are_told_apart(library):
    await library.get("/books")
    await library.get("/books")
    await library.post("/desk", json={"wish": "card"})
    await library.post("/oauth/token")
    await library.get("/nowhere")
    assert await counts(library) == {
        "total": 4,
        "operations": {"books.list": 2, "desk.card": 1, "unmatched": 1},
        "tokens": 1,
    }


async def test_an_unknown_path_is_not_found(library):
    async with library.get("/nowhere") as reply:
        assert reply.status == 404


@pytest.mark.parametrize("kind", ["error", "maintenance", "quota", "junk"])
async def test_a_call_that_fails_is_counted_too(library, kind):
    await library.get("/books", headers={"X-Sandbox-Scenario": kind})
    assert (await counts(library))["total"] == 1


async def test_counters_go_back_to_zero(library):
    await library.get("/books")
    async with library.delete("/_sandbox/calls") as reply:
        assert await reply.json() == {"total": 0, "operations": {}, "tokens": 0}


async def test_detail_shows_the_headers_that_matter_and_no_secret(library):
    sent = {
        **TRACE,
        "X-Road-Id": "42",
        "CorrelationId": "7",
        "Accept-Language": "zh-CN",
        "Authorization": "Bearer x",
        "X-API-Key": "k",
    }
    await library.post("/loans", json={"title": "西游记"}, headers=sent)
    (call,) = (await counts(library, detail="1"))["calls"]
    assert (call["operation"], call["method"], call["path"]) == ("books.borrow", "POST", "/loans")
    kept = {"traceparent", "x-road-id", "correlationid", "accept-language"}
    assert kept <= call["headers"].keys()
    assert not {"authorization", "x-api-key"} & call["headers"].keys()
    assert "西游记" not in str(call)


async def test_usage_tells_who_asked_about_whom(library, city):
    headers = {"X-Road-Client": "CN-WH/GOV/100/gate", "X-Road-UserId": "CN1"}
    await library.post("/loans", json={"title": "西游记"}, headers=headers)
    subject = city.personas["resident"].id
    async with library.get("/_sandbox/usage", params={"subject": subject}) as reply:
        usage = await reply.json()
    assert usage["totalUsages"] == 1
    (entry,) = usage["usages"]
    assert entry.pop("logtime")
    assert entry == {
        "action": "books.borrow",
        "receiverCode": "CN-WH/GOV/100/gate",
        "receiverName": "gate",
        "receiverSystem": "CN1",
        "subject": subject,
    }
    async with library.get("/_sandbox/usage", params={"subject": "another"}) as reply:
        assert (await reply.json())["totalUsages"] == 0


async def test_reset_brings_the_seeded_state_back(library):
    await library.post("/loans", json={"title": "西游记"})
    await library.put("/_sandbox/scenario", json={"kind": "error", "operation": "books.borrow"})
    await library.post("/_sandbox/reset")
    async with library.get("/books") as reply:
        assert len((await reply.json())["books"]) == 3
    async with library.get("/_sandbox/scenario") as reply:
        assert await reply.json() == {"on": []}
    async with library.get("/_sandbox/usage") as reply:
        assert (await reply.json())["totalUsages"] == 0
    assert await counts(library) == {"total": 1, "operations": {"books.list": 1}, "tokens": 0}


async def test_health_names_the_department(library):
    async with library.get("/_sandbox/health") as reply:
        assert await reply.json() == {"name": "library", "status": "up"}


async def test_an_endless_body_is_refused(running):
    address = urlsplit(running.addresses[LIBRARY])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"POST /loans HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n".encode())
    assert (await reader.readline()).split()[1] == b"413"
    writer.close()
    await writer.wait_closed()
