"""The public divisions come into the addresses of households, and everybody of the city is read."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.records import PersonId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.departments.public_security.adapter import ExtractOffice, HouseholdRegister, connect
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import City, build_city
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.sandbox.departments.test_public_security import NAME, options

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


def published(data: Path) -> dict[str, str]:
    """Wuhan's districts and neighbourhoods by code."""
    found: dict[str, str] = {}
    for kind in ("areas", "streets"):
        with (data / "cn_divisions" / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
            found |= {row["code"]: row["name"] for row in csv.DictReader(file) if row["cityCode"] == "4201"}
    return found


async def test_every_division_is_in_an_address_or_has_a_reason(running: SandboxCity, data: Path) -> None:
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        report = await (await client.get("/_sandbox/seed")).json()
    assert report == {"served": 10, "refused": {"no_household_there": 196}, "sources": {"cn_divisions": 206}}
    assert len(published(data)) == report["sources"]["cn_divisions"]


async def test_everybody_is_read_and_addresses_name_public_divisions(
    running: SandboxCity, city: City, data: Path
) -> None:
    names = published(data)
    persons = [PersonId(person) for person in city.persons]
    set_current_call(CallInfo(id=str(uuid4()), operation="x", subject=persons[0], locale="zh-CN", at=datetime.now(UTC)))
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        ports = connect(transport, options())
        households, extracts = ports["households"], ports["extracts"]
        assert isinstance(households, HouseholdRegister)
        assert isinstance(extracts, ExtractOffice)
        found = await households.of_person(persons)
        asked_for = await extracts.of_person(persons)
    assert set(found) == {member for household in city.households for member in household.members}
    assert len({household.number for household in found.values()}) == len(city.households)
    assert sum(map(len, asked_for.values())) == sum(city.entries_of(person, NAME) for person in persons)
    for household in found.values():
        assert household.address is not None
        code = household.address.division_code or ""
        assert household.address.lines[2:] == (names[code[:9]], names[code[:6]])
