"""Boston's and New York's 311 rows and the Open311 example answers, through the hotline's server and its adapter."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import AdapterError, BadReply
from adapters.contract.ports.complaints import Complaint, Complaints, ComplaintUpdate
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import PersonId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.products.open311 import Format, Service, ServiceRequest
from adapters.products.open311.codec import fit, read
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import City, build_city
from sandbox.departments.hotline.catalogue import SERVICE_TYPES
from sandbox.departments.hotline.server import API_KEY
from sandbox.launch import SandboxCity

adapter = pytest.importorskip("adapters.departments.hotline.adapter", reason="the hotline's adapter is not installed")
mapping = pytest.importorskip("adapters.departments.hotline.mapping", reason="the hotline's adapter is not installed")

pytestmark = pytest.mark.real_data
DATA = os.environ.get("CITYGATE_DATA")
NAME = "hotline"
PII = ("212-555-1234", "987-65-4320", "378734493671000", "joeblows@aol.com", "212-123-5432")


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


def calling() -> None:
    set_current_call(CallInfo(id=str(uuid4()), operation="complaints", subject=None, locale="en", at=datetime.now(UTC)))


async def read_all(
    running: SandboxCity, city: City, written: str
) -> tuple[int, dict[PersonId, tuple[Complaint, ...]], dict[str, tuple[ComplaintUpdate, ...]]]:
    """Categories, everybody's complaints, and the updates of them all."""
    calling()
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        port: Complaints = adapter.connect(transport, {"format": written, "api_key": API_KEY})["complaints"]
        categories = (await port.categories([Catalogue()]))[Catalogue()]
        lists = dict(await port.of_person([PersonId(each.id) for each in city.personas.values()], Complaint.personal))
        updates = dict(await port.updates([each.id for found in lists.values() for each in found]))
    return len(categories), lists, updates


async def test_every_record_is_served_or_refused_with_a_reason(running: SandboxCity) -> None:
    async with aiohttp.ClientSession(running.addresses[NAME]) as client, client.get("/_sandbox/seed") as reply:
        report = await reply.json()
    print(json.dumps(report, indent=1))
    assert (report["served"], report["refused"]) == (220, {"duplicate_id": 181, "count_not_a_complaint": 7798})
    assert {source: (each["served"], each["refused"]) for source, each in report["sources"].items()} == {
        "us_311/boston311-100.csv": (100, {}),
        "us_311/boston311-100-deduped.csv": (0, {"duplicate_id": 80}),
        "us_311/boston311-100-with-fake-pii.csv": (0, {"duplicate_id": 100}),
        "us_311/nyc311-100.csv": (100, {}),
        "us_311/NYC311-5.json": (5, {}),
        "us_311/nyc311-describegpt-prompt.csv": (0, {"count_not_a_complaint": 7798}),
        "open311/fixtures/requests_single.xml": (1, {}),
        "open311/fixtures/requests_many.xml": (1, {"duplicate_id": 1}),
        "open311/fixtures/service_requests.json": (2, {}),
        "open311/fixtures/service_list.json": (3, {}),
        "open311/fixtures/services_giessen.xml": (8, {}),
    }


@pytest.mark.parametrize("written", ["json", "xml"])
async def test_all_that_is_served_is_mapped(running: SandboxCity, city: City, data: Path, written: str) -> None:
    categories, lists, updates = await read_all(running, city, written)
    found = {each.id: each for complaints in lists.values() for each in complaints}
    assert len(found) == sum(map(len, lists.values())) == 209
    assert len(lists[PersonId(city.busy_person)]) == 50
    assert all(len(complaints) >= 26 for complaints in lists.values())
    assert found.keys() >= {row["case_enquiry_id"] for row in table(data, "boston311-100.csv")}
    assert found.keys() >= {row["Unique Key"] for row in table(data, "nyc311-100.csv")}
    states = Counter(each.state.value for each in found.values())
    assert states == {"closed": 187, "received": 20, "in_progress": 1, "investigating": 1}
    assert categories == len(SERVICE_TYPES) + 11 + len({each.category_code for each in found.values()})
    assert all(len(updates[each.id]) == (1 if each.state.value == "received" else 2) for each in found.values())


async def test_both_formats_give_the_same_complaints(running: SandboxCity, city: City) -> None:
    assert await read_all(running, city, "json") == await read_all(running, city, "xml")


async def test_a_row_is_what_its_source_says(running: SandboxCity, city: City) -> None:
    _, lists, _ = await read_all(running, city, "json")
    found = {each.id: each for complaints in lists.values() for each in complaints}
    closed = found["101004114377"]
    assert closed.filed_at == datetime(2022, 1, 3, 12, 50, 9, tzinfo=UTC)
    assert closed.updated_at is not None
    assert closed.updated_at.utcoffset() == timedelta(hours=-5)
    assert closed.address == "618 E Sixth St South Boston MA 02127"
    assert found["101004143000"].address is None
    assert found["17566285"].location is None
    assert found["101005420892"].category_name == "Road - Pot hole"
    assert found["14-01100627"].state_note == "Locked"


async def test_made_up_personal_data_is_neither_served_nor_named_in_an_error(
    running: SandboxCity, city: City, data: Path
) -> None:
    _, lists, updates = await read_all(running, city, "json")
    assert not any(secret in repr((lists, updates)) for secret in PII)
    leaky = [row for row in table(data, "boston311-100-with-fake-pii.csv") if any(s in str(row) for s in PII)]
    assert len(leaky) == 4
    for row in leaky:
        for spoilt in ({"status": row["closure_reason"]}, {"requested_datetime": row["closure_reason"]}):
            with pytest.raises(BadReply) as caught:
                to_complaints(row, spoilt)
            assert not any(secret in chain(caught.value) for secret in PII)


@pytest.mark.parametrize(
    ("name", "count", "into"),
    [
        ("requests_single.xml", 1, ServiceRequest),
        ("requests_many.xml", 2, ServiceRequest),
        ("service_requests.json", 2, ServiceRequest),
        ("service_list.json", 3, Service),
        ("services_giessen.xml", 8, Service),
    ],
)
def test_an_example_answer_is_read_as_it_is(data: Path, name: str, count: int, into: Any) -> None:
    body = (data / "open311" / "fixtures" / name).read_bytes()
    root = "services" if into is Service else "service_requests"
    records = fit(read(body, Format(name.rpartition(".")[2]), root), tuple[into, ...])
    assert len(records) == count
    if into is Service:
        assert all(mapping.to_category(each).name for each in records)
    else:
        complaints = mapping.to_complaints(records)
        assert [each.filed_at for each in complaints] == sorted((each.filed_at for each in complaints), reverse=True)
        assert all(each.location and each.address and each.awaiting for each in complaints)


def table(data: Path, name: str) -> list[dict[str, str]]:
    with (data / "us_311" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def to_complaints(row: dict[str, str], spoilt: dict[str, str]) -> tuple[Complaint, ...]:
    """A row as a careless server would send it, with one field spoilt by another's text."""
    entry = {
        "service_request_id": row["case_enquiry_id"],
        "service_code": row["type"],
        "status": "closed",
        "requested_datetime": "2022-01-03T07:50:09-05:00",
        "status_notes": row["closure_reason"],
        **spoilt,
    }
    body = json.dumps([entry]).encode()
    found = fit(read(body, Format.JSON, "service_requests"), tuple[ServiceRequest, ...])
    complaints: tuple[Complaint, ...] = mapping.to_complaints(found)
    return complaints


def chain(error: AdapterError) -> str:
    """The texts of an error and of those that it came from."""
    return f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"
