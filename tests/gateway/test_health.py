"""Liveness, and readiness that says what is missing without becoming a burden to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway import health
from gateway.health import REMEMBERED_FOR, Recently, health_routes, missing
from tests.gateway.asgi import ask


@asynccontextmanager
async def listening() -> AsyncIterator[str]:
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/base"


async def test_what_takes_no_connection_is_missing() -> None:
    async with listening() as up:
        async with listening() as other:
            down = other
        assert await missing({"up": up, "down": down, "nowhere": "http://name.invalid"}) == ["down", "nowhere"]


async def test_silence_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_arguments: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "open_connection", never)
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    assert await missing({"silent": "https://archive"}) == ["silent"]


async def test_departments_are_not_asked_for_every_question(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: now))
    asked: list[float] = []

    async def ask() -> list[str]:
        await asyncio.sleep(0)
        asked.append(now)
        return [str(len(asked))]

    recently = Recently(ask)
    assert await asyncio.gather(*(recently() for _ in range(5))) == [["1"]] * 5
    now += REMEMBERED_FOR / 2
    assert await recently() == ["1"]
    now = REMEMBERED_FOR
    assert await recently() == ["2"]


@pytest.mark.parametrize(("store", "ledger"), [(True, False), (False, True)])
async def test_a_gateway_is_ready_without_its_departments(store: bool, ledger: bool) -> None:
    async def store_answers() -> bool:
        return store

    async def ledger_answers() -> bool:
        return ledger

    app = Starlette(
        routes=health_routes({"store": store_answers, "ledger": ledger_answers}, {"archive": "http://name.invalid"})
    )
    assert (await ask(app, "GET", "/health/live")).json == {"status": "live"}
    ready = await ask(app, "GET", "/health/ready")
    assert ready.status == 200
    words = {True: "up", False: "down"}
    expected = {"status": "ready", "store": words[store], "ledger": words[ledger], "missing": ["archive"]}
    assert ready.json == expected
