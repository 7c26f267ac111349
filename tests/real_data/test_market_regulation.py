"""The published examples of the Registration building block, served by the server and read by the adapter."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec
import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import BadReply
from adapters.contract.ports.registrations import Registration, RegistrationState
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import PersonId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.departments.market_regulation.adapter import MarketRegulation, connect
from adapters.departments.market_regulation.mapping import to_registrations
from adapters.products.govstack.wire import ApplicationFile, ApplicationListItem
from adapters.products.replies import decode
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import City, build_city
from sandbox.departments.market_regulation.envelope import SERVICE
from sandbox.departments.market_regulation.published import API, FOLDER, PAYLOAD, STATISTICS, example_of
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.sandbox.departments.test_market_regulation import ENVELOPE, NAME, options

pytestmark = pytest.mark.real_data
DATA = os.environ.get("CITYGATE_DATA")


@pytest.fixture(scope="module")
def data() -> Path:
    if not DATA:
        pytest.skip("CITYGATE_DATA names no folder of public data")
    return Path(DATA)


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME], data=data) as city:
        yield city


@pytest.fixture(scope="module")
def city(data: Path) -> City:
    return build_city(data=data)


@pytest.fixture(scope="module")
def schemas(data: Path) -> dict[str, Any]:
    api = json.loads((data / FOLDER / API).read_text("utf-8"))
    found: dict[str, Any] = api["components"]["schemas"]
    return found


async def read_all(address: str, persons: list[PersonId]) -> tuple[Any, list[Registration]]:
    set_current_call(CallInfo(id=str(uuid4()), operation="x", subject=persons[0], locale="en", at=datetime.now(UTC)))
    async with HttpTransport(Endpoint(NAME, address), NoOpTracer()) as transport:
        port = connect(transport, options())["registrations"]
        assert isinstance(port, MarketRegulation)
        kinds, files = await asyncio.gather(port.kinds([Catalogue()]), port.of_person(persons))
    return kinds[Catalogue()], [file for found in files.values() for file in found]


async def test_every_published_record_is_served_or_refused_with_a_reason(
    running: SandboxCity, schemas: dict[str, Any]
) -> None:
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        report = await (await client.get("/_sandbox/seed")).json()
    assert report == {
        "served": 10,
        "refused": {"no_example": 6, "example_without_id": 3},
        "sources": {API: 8, PAYLOAD: 1, STATISTICS: 1},
    }
    assert len(schemas) == 8 + 9


async def test_kinds_and_files_are_read_through_the_adapter(running: SandboxCity, city: City) -> None:
    persons = [PersonId(persona.id) for persona in city.personas.values()]
    kinds, files = await read_all(running.addresses[NAME], persons)
    assert [(kind.name, kind.form_id) for kind in kinds[:2]] == [
        ("Mother and Child Registration", "d98a205a-679b-485b-823d-7a32a391e744"),
        ("Post partum registration service", "42962de0-bdb2-11ed-9397-0242ac120004"),
    ]
    found = {file.id: file for file in files}
    assert len(files) == len(found) == 3
    listed = found["81c4445c-bff6-11ed-afa1-0242ac120002"]
    assert (listed.title, listed.handled_by, listed.state) == (
        "Application xyz",
        "John Smith",
        RegistrationState.PENDING,
    )
    assert listed.created_at == datetime(2000, 10, 23, tzinfo=UTC)
    payload = found["3ef573b3-23c9-492c-8d79-9a183f45fbef"]
    assert payload.state is RegistrationState.SENT_BACK
    assert payload.title == "ER29360 Inar"
    assert payload.created_at == datetime(2023, 3, 18, 11, 4, 46, 103000, tzinfo=UTC)
    assert len(payload.document_urls) == 1
    assert found["42962de0-bdb2-11ed-9397-0242ac120004"].title == "Amya Yuko"


async def test_published_statistics_are_served_as_published(running: SandboxCity) -> None:
    async with aiohttp.ClientSession(running.addresses[NAME], headers=ENVELOPE, response_class=ReadAtOnce) as client:
        _now, published = await (await client.get(f"/r1/{SERVICE}/data/statistics")).json()
    assert [published[key] for key in ("processed", "approved", "sentBack", "rejected")] == [100, 90, 3, 7]
    assert published["references"]["registrationName"] == "MCTS"


def test_the_example_of_a_listed_file_fits_as_it_is(schemas: dict[str, Any]) -> None:
    raw = example_of(schemas, "applicantApplicationFileListResponse")
    body = msgspec.json.encode([raw])
    record = to_registrations(
        decode(body, tuple[ApplicationListItem, ...]), PersonId(raw["applicantId"]), Registration.personal
    )[0]
    assert record.kind_name == "Post partum registration service"


def test_the_example_of_a_file_has_a_text_for_a_truth_and_is_refused(schemas: dict[str, Any]) -> None:
    raw = example_of(schemas, "applicationFileResponse") | {"serviceId": "x"}
    assert raw["ended"] == "false"
    with pytest.raises(BadReply, match=r"\$\.ended"):
        decode(msgspec.json.encode(raw), ApplicationFile)


def test_the_example_payload_is_no_json_and_no_file(data: Path) -> None:
    body = (data / FOLDER / PAYLOAD).read_bytes()
    with pytest.raises(BadReply, match="not JSON"):
        decode(body, ApplicationFile)
    with pytest.raises(BadReply, match=r"\$\.status"):
        decode(body[body.index(b"{") :], ApplicationFile)
