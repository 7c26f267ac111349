"""A running service centre, its adapter over a real socket, and the questions that several tests ask."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import aiohttp
from opentelemetry import trace

from adapters.contract.ports.appointments import Appointments, HoldSlot, Slot, SlotQuery
from adapters.contract.ports.services import Offices, Services
from adapters.contract.records import OfficeId, PersonId, ServiceId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.departments.service_centre.adapter import connect
from adapters.runtime.http import Endpoint, HttpTransport

NAME = "service_centre"
ENTREPRENEUR, RESIDENT, PARENT, BUSY = (PersonId(f"1000000{at}") for at in ("11", "22", "33", "77"))
HALL, SMALL_HALL = OfficeId("101"), OfficeId("102")
COMPANY, SEAL, ID_CARD = ServiceId("10001"), ServiceId("10004"), ServiceId("10010")


class Centre(NamedTuple):
    """The department's ports, and its control."""

    appointments: Appointments
    offices: Offices
    services: Services
    control: aiohttp.ClientSession

    async def calls(self) -> dict[str, int]:
        """How often each operation was called since the last reset."""
        async with self.control.get("/_sandbox/calls") as reply:
            operations: dict[str, int] = (await reply.json())["operations"]
        return {name: count for name, count in operations.items() if not name.startswith("sandbox.")}

    async def play(self, **scenario: Any) -> None:
        """Switch a scenario on."""
        async with self.control.put("/_sandbox/scenario", json=scenario) as reply:
            assert reply.status == 200, await reply.text()

    async def let_holds_last(self, seconds: float) -> None:
        """From now on."""
        async with self.control.put("/_sandbox/holds", json={"seconds": seconds}) as reply:
            assert reply.status == 200, await reply.text()

    async def slots(self, *services: ServiceId, office: OfficeId = HALL, days: int = 14) -> tuple[Slot, ...]:
        """What is free from tomorrow on."""
        first = datetime.now(UTC).date() + timedelta(1)
        query = SlotQuery(office_id=office, service_ids=services, first_day=first, last_day=first + timedelta(days))
        return (await self.appointments.free_slots([query]))[query]


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Centre]:
    """The adapter at an address, reset, within a call in English."""
    speak("en")
    endpoint = Endpoint(NAME, address)
    async with (
        HttpTransport(endpoint, trace.get_tracer(__name__)) as transport,
        aiohttp.ClientSession(address) as control,
    ):
        await (await control.post("/_sandbox/reset")).read()
        ports: Any = connect(transport, {"id_secret": "for tests only", "time_zone": "Asia/Shanghai"})
        yield Centre(ports["appointments"], ports["offices"], ports["services"], control)


def speak(locale: str) -> None:
    """Set the running call in a language."""
    info = CallInfo(id=str(uuid.uuid4()), operation="test", subject=None, locale=locale, at=datetime.now(UTC))
    set_current_call(info)


def order(person: PersonId, slot: Slot, *services: ServiceId, **facts: Any) -> HoldSlot:
    """A hold with plausible contact data."""
    contact = {"name": "陈静", "email": f"p{person}@example.org", "phone": "+86 27 8770 1234"} | facts
    return HoldSlot(person=person, office_id=slot.office_id, service_ids=services, starts_at=slot.starts_at, **contact)
