"""Whoever got personal data is in the log, on every way that an answer takes; and nobody gets any that could not be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.manifest import Title
from adapters.contract.records import PersonId
from adapters.contract.usage import Usage
from adapters.runtime.audit import AuditLog, open_audit
from adapters.runtime.sql import DatabaseUnavailable
from gateway.access_log import AccessLog
from gateway.fast_lane import FastLane
from gateway.footprint import Footprints
from gateway.purposes import Purposes
from gateway.settings import Purpose
from tests.gateway.fast_city import MINE, OURS, City, Served, data, post, serving, set_clock, traces
from tests.gateway.test_fast_lane import is_fast, token
from tests.gateway.test_identity import Issuer

KEY = "a key of the tests"
AUDITS = Purpose(title=Title(en="Audits", zh_cn="审计"), operations=("Audit",))


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[AuditLog]:
    log = open_audit(f"sqlite://{tmp_path / 'audit.db'}", (KEY,), keep=1e9, bounds=(0.01, 10.0, 100))
    yield log
    await log.aclose()


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch, log: AuditLog) -> City:
    city = City(set_clock(monkeypatch), Issuer())
    watch(city, log)
    return city


def watch(city: City, log: AuditLog, *, durable: bool = False) -> None:
    city.witness = AccessLog(log, Footprints(city.schema(), {}, {}), Purposes({"audits": AUDITS}), durable=durable)


@pytest.fixture
async def served(city: City, log: AuditLog) -> AsyncIterator[Served]:
    async with serving(city, lane=FastLane(1 << 20, recorder=log.recorder)) as served:
        yield served


async def usage(log: AuditLog, person: str = "ann") -> list[Usage]:
    """What the log has about a person, the newest first."""
    await log.recorder.settled()
    page = await log.of_person(PersonId(person), most=100, older_than=None, newer_than=None, oldest_first=False)
    return list(page.entries)


async def test_an_answer_is_seen_when_it_is_made_when_it_was_kept_and_on_the_fast_lane(
    served: Served, log: AuditLog
) -> None:
    request = post(MINE, token(served, client_id="the app"))
    answers = []
    for _ in range(4):
        answers.append(await served.ask(request))
        await log.recorder.settled()  # so that each has an entry of its own
    assert served.city.requests == 2, "the last two took the fast lane"
    found = (await usage(log))[::-1]
    assert [one.what.data[0].cached for one in found] == [False, True, True, True]
    assert [one.trace_ids for one in found] == [(traces(answer)[0].decode(),) for answer in answers]
    for one in found:
        assert (one.client, one.actor, one.times) == ("the app", None, 1)
        assert (one.what.basis, one.what.purpose, one.what.kind.value) == ("self", "own_use", "read")
        assert one.what.data[0].department == "office"
    assert (await log.verify()).entries == 4


async def test_what_is_everybody_s_is_nobody_s_use(served: Served, log: AuditLog) -> None:
    for request in (post(OURS), post(OURS, token(served))):
        for _ in range(3):
            await served.ask(request)
    await log.recorder.settled()
    assert (await log.verify()).entries == 0


async def test_an_order_and_a_part_beside_an_error_are_seen_too(served: Served, log: AuditLog) -> None:
    answer = await served.ask(post("query Both { mine broken }", token(served)))
    assert b'"errors"' in answer
    assert data(answer)["mine"]
    (one,) = await usage(log)
    assert one.what.operation == "Both"


async def test_the_purpose_is_the_operation_s_or_what_the_client_says(served: Served, log: AuditLog) -> None:
    ann = token(served)
    await served.ask(post("query Audit { mine }", ann))
    await served.ask(post(MINE, ann, citygate_purpose="audits"))
    await served.ask(post("query Audit { mine }", ann, citygate_purpose="own_use"))
    assert [one.what.purpose for one in await usage(log)] == ["own_use", "audits", "audits"]
    refused = await served.ask(post(MINE, ann, citygate_purpose="curiosity"))
    assert refused.startswith(b"HTTP/1.1 400 ")
    assert code(refused) == "PURPOSE_UNKNOWN"


async def test_nothing_is_shown_or_ordered_while_the_log_takes_nothing(
    served: Served, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = token(served)
    await served.warm(post(MINE, ann))
    assert await is_fast(served, post(MINE, ann))
    monkeypatch.setattr(log.recorder, "accepts", lambda now: False)
    log.recorder._failing = True
    for request in (post(MINE, ann), post('mutation { write(text: "x") }', ann), post(MINE, token(served, "bob"))):
        refused = await served.ask(request)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert code(refused) == "AUDIT_UNAVAILABLE"
        assert b"ann 0" not in refused
    assert served.city.texts == {}, "an order is refused before it is carried out"
    assert data(await served.ask(post(OURS)))["ours"]
    monkeypatch.undo()
    log.recorder._failing = False
    assert data(await served.ask(post(MINE, ann)))["mine"]


async def test_with_durable_no_answer_leaves_before_its_entry(city: City, log: AuditLog) -> None:
    watch(city, log, durable=True)
    async with serving(city, lane=FastLane(1 << 20)) as served:
        request = post(MINE, token(served))
        for number in range(1, 4):
            await served.ask(request)
            assert len(log.recorder._queue) + len(log.recorder._writing) == 0
            page = await log.of_person(PersonId("ann"), most=9, older_than=None, newer_than=None, oldest_first=False)
            assert page.total == number
        assert city.requests == 3, "the fast lane cannot wait"
        assert await is_fast(served, post(OURS)) is False
        await served.warm(post(OURS))
        assert await is_fast(served, post(OURS)), "what is everybody's need not"


async def test_with_durable_an_answer_whose_entry_cannot_be_written_does_not_leave(
    city: City, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(city, log, durable=True)

    async def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("away")

    log.recorder._bounds = log.recorder._bounds.__class__(0.01, 0.1, 100)
    monkeypatch.setattr(log._connections, "run", away)
    async with serving(city, lane=None) as served:
        refused = await served.ask(post(MINE, token(served)))
        assert code(refused) == "AUDIT_UNAVAILABLE"
        assert b"ann 0" not in refused
    monkeypatch.undo()


def code(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"]
