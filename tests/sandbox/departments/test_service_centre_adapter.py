"""The service centre through its adapter: what is booked is gone, what is held expires, and who races loses once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    Unavailable,
)
from adapters.contract.ports.appointments import Appointment, AppointmentOrder, AppointmentState, SlotQuery
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import OfficeId, PersonId, ServiceId
from sandbox.launch import SandboxCity
from tests.sandbox.departments.service_centre import (
    BUSY,
    COMPANY,
    ENTREPRENEUR,
    HALL,
    ID_CARD,
    NAME,
    PARENT,
    RESIDENT,
    SEAL,
    SMALL_HALL,
    Centre,
    connected,
    order,
    speak,
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with SandboxCity(departments=[NAME]) as city:
        yield city.addresses[NAME]


@pytest.fixture
async def centre(address: str) -> AsyncIterator[Centre]:
    async with connected(address) as centre:
        yield centre


def problems(error: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, tuple[str, ...]]]:
    return [(problem.code, problem.path) for problem in error.value.problems]


def of(person: PersonId, appointment: Appointment) -> AppointmentOrder:
    return AppointmentOrder(person=person, appointment_id=appointment.id)


async def test_a_list_costs_one_call_and_brings_the_office(centre: Centre) -> None:
    mine = (await centre.appointments.of_person([ENTREPRENEUR], Appointment.personal))[ENTREPRENEUR]
    assert await centre.calls() == {"my_appointments": 1}
    assert 2 <= len(mine) <= 3
    assert [each.starts_at for each in mine] == sorted(each.starts_at for each in mine)
    assert all(each.office_name and each.office_address and each.services and each.notes for each in mine)
    assert all(each.ends_at and each.ends_at > each.starts_at for each in mine)
    assert {each.starts_at.utcoffset() for each in mine} == {timedelta(hours=8)}


async def test_lists_of_several_persons_cost_a_call_each_and_do_not_mix(centre: Centre) -> None:
    found = await centre.appointments.of_person([BUSY, PARENT, PersonId("999999999")], Appointment.personal)
    assert await centre.calls() == {"my_appointments": 3}
    assert (len(found[BUSY]), found[PersonId("999999999")]) == (50, ())
    assert not {each.id for each in found[BUSY]} & {each.id for each in found[PARENT]}


async def test_both_languages(centre: Centre) -> None:
    english = {office.id: office for office in (await centre.offices.listed([Catalogue()]))[Catalogue()]}
    speak("zh-CN")
    chinese = {office.id: office for office in (await centre.offices.listed([Catalogue()]))[Catalogue()]}
    assert await centre.calls() == {"offices_and_services": 2}
    for office, name, line in (
        (english[HALL], "East Lake High-tech Zone Service Centre", "Gaoxin Avenue 777"),
        (chinese[HALL], "东湖高新区政务服务中心", "高新大道777号"),
    ):
        assert office.name == name
        assert office.address is not None
        assert office.address.lines[0] == line


async def test_services_say_how_long_they_take_and_where(centre: Centre) -> None:
    services = {each.id: each for each in (await centre.services.listed([Catalogue()]))[Catalogue()]}
    assert (services[COMPANY].minutes, services[COMPANY].office_ids) == (40, (HALL,))
    assert (services[ID_CARD].minutes, len(services[ID_CARD].office_ids)) == (10, 5)


async def test_offices_share_a_calendar_call(centre: Centre) -> None:
    first = datetime.now(UTC).date() + timedelta(1)
    queries = [
        SlotQuery(office_id=office, service_ids=(ID_CARD,), first_day=first, last_day=first + timedelta(7))
        for office in (HALL, SMALL_HALL)
    ]
    found = await centre.appointments.free_slots(queries)
    assert await centre.calls() == {"available_calendar": 1}
    assert {query.office_id: {slot.office_id for slot in slots} for query, slots in found.items()} == {
        HALL: {HALL},
        SMALL_HALL: {SMALL_HALL},
    }
    days = {slot.starts_at.date() for slots in found.values() for slot in slots}
    assert min(days) >= first
    assert max(days) <= first + timedelta(7)


async def test_services_together_need_a_longer_gap(centre: Centre) -> None:
    short, long = await centre.slots(ID_CARD), await centre.slots(COMPANY, SEAL)
    starts = {slot.starts_at for slot in short}
    assert 0 < len(long) < len(short)
    step = timedelta(minutes=10)
    assert all(slot.starts_at + at * step in starts for slot in long for at in range(6))


async def test_hold_confirm_cancel(centre: Centre) -> None:
    slot = (await centre.slots(COMPANY, SEAL))[0]
    held = await centre.appointments.hold(order(RESIDENT, slot, COMPANY, SEAL))
    assert (held.state, held.starts_at, held.office_id) == (AppointmentState.HELD, slot.starts_at, HALL)
    assert held.ends_at == slot.starts_at + timedelta(minutes=60)
    assert [(each.id, each.quantity) for each in held.services] == [(COMPANY, 1), (SEAL, 1)]
    assert held.hold_expires_at is not None
    assert timedelta(minutes=14) < held.hold_expires_at - datetime.now(UTC) <= timedelta(minutes=15)

    blocked = {slot.starts_at + at * timedelta(minutes=10) for at in range(6)}
    assert not blocked & {each.starts_at for each in await centre.slots(ID_CARD)}

    confirmed = await centre.appointments.confirm(of(RESIDENT, held))
    assert (confirmed.state, confirmed.id, confirmed.hold_expires_at) == (AppointmentState.CONFIRMED, held.id, None)
    assert confirmed in (await centre.appointments.of_person([RESIDENT], Appointment.personal))[RESIDENT]

    cancelled = await centre.appointments.cancel(of(RESIDENT, confirmed))
    assert (cancelled.state, cancelled.id) == (AppointmentState.CANCELLED, held.id)
    assert held.id not in {
        each.id for each in (await centre.appointments.of_person([RESIDENT], Appointment.personal))[RESIDENT]
    }
    assert slot in await centre.slots(COMPANY, SEAL)
    calls = await centre.calls()
    assert {name: calls[name] for name in calls if name.endswith("appointment")} == dict.fromkeys(
        (f"{step}_appointment" for step in ("reserve", "update", "preconfirm", "confirm", "cancel")), 1
    )


async def test_two_who_race_get_one_booking_and_one_problem(centre: Centre) -> None:
    slot = (await centre.slots(COMPANY))[0]
    orders = [order(person, slot, COMPANY) for person in (RESIDENT, PARENT)]
    results = await asyncio.gather(*map(centre.appointments.hold, orders), return_exceptions=True)
    lost = [each for each in results if isinstance(each, Rejected)]
    assert [(problem.code, problem.path) for each in lost for problem in each.problems] == [
        ("SLOT_TAKEN", ("starts_at",))
    ]
    assert [each.state for each in results if isinstance(each, Appointment)] == [AppointmentState.HELD]


async def test_a_time_within_somebody_elses_appointment_is_taken(centre: Centre) -> None:
    slot = (await centre.slots(COMPANY))[0]
    await centre.appointments.hold(order(RESIDENT, slot, COMPANY))
    inside = type(slot)(office_id=HALL, starts_at=slot.starts_at + timedelta(minutes=30))
    with pytest.raises(Rejected) as caught:
        await centre.appointments.hold(order(PARENT, inside, ID_CARD))
    assert problems(caught) == [("SLOT_TAKEN", ("starts_at",))]


async def test_a_hold_expires_and_its_time_is_free_again(centre: Centre) -> None:
    await centre.let_holds_last(0.2)
    slot = (await centre.slots(COMPANY))[0]
    held = await centre.appointments.hold(order(RESIDENT, slot, COMPANY))
    assert slot not in await centre.slots(COMPANY)
    await asyncio.sleep(0.25)
    assert slot in await centre.slots(COMPANY)
    with pytest.raises(Rejected) as caught:
        await centre.appointments.confirm(of(RESIDENT, held))
    assert problems(caught) == [("HOLD_EXPIRED", ("appointment_id",))]
    with pytest.raises(NotFound):
        await centre.appointments.cancel(of(RESIDENT, held))


async def test_a_confirmation_that_broke_off_can_be_repeated(centre: Centre) -> None:
    slot = (await centre.slots(COMPANY))[0]
    held = await centre.appointments.hold(order(RESIDENT, slot, COMPANY))
    await centre.play(kind="lost_answer", operation="preconfirm_appointment", times=1)
    with pytest.raises(Interrupted):
        await centre.appointments.confirm(of(RESIDENT, held))
    assert (await centre.appointments.confirm(of(RESIDENT, held))).state is AppointmentState.CONFIRMED


async def test_a_hold_that_is_repeated_reserves_twice(centre: Centre) -> None:
    """The API knows no reference of ours: the first one stands until it expires, so that the second is too late."""
    slot = (await centre.slots(COMPANY))[0]
    await centre.play(kind="lost_answer", operation="reserve_appointment", times=1)
    with pytest.raises(Interrupted):
        await centre.appointments.hold(order(RESIDENT, slot, COMPANY))
    with pytest.raises(Rejected) as caught:
        await centre.appointments.hold(order(RESIDENT, slot, COMPANY))
    assert problems(caught) == [("SLOT_TAKEN", ("starts_at",))]


async def test_nobody_acts_with_another_persons_id(centre: Centre) -> None:
    mine = (await centre.appointments.of_person([RESIDENT], Appointment.personal))[RESIDENT][0]
    for act in (centre.appointments.cancel, centre.appointments.confirm):
        with pytest.raises(NotFound):
            await act(of(PARENT, mine))
    assert await centre.calls() == {"my_appointments": 1}
    assert mine in (await centre.appointments.of_person([RESIDENT], Appointment.personal))[RESIDENT]


async def test_contact_data_are_all_refused_at_once_and_the_time_is_given_back(centre: Centre) -> None:
    slot = (await centre.slots(COMPANY))[0]
    with pytest.raises(Rejected) as caught:
        await centre.appointments.hold(order(RESIDENT, slot, COMPANY, name=" ", phone="12"))
    assert problems(caught) == [("INVALID_NAME", ("name",)), ("INVALID_PHONE", ("phone",))]
    assert slot in await centre.slots(COMPANY)


async def test_one_address_books_only_so_often(centre: Centre) -> None:
    slots = await centre.slots(ID_CARD, office=OfficeId("105"), days=40)
    for slot in slots[:20]:
        await centre.appointments.hold(order(RESIDENT, slot, ID_CARD, email="one@example.org"))
    with pytest.raises(Rejected) as caught:
        await centre.appointments.hold(order(RESIDENT, slots[20], ID_CARD, email="one@example.org"))
    assert problems(caught) == [("TOO_MANY_APPOINTMENTS", ("email",))]


async def test_orders_that_make_no_sense(centre: Centre) -> None:
    slot = (await centre.slots(ID_CARD))[0]
    past = type(slot)(office_id=HALL, starts_at=slot.starts_at - timedelta(days=400))
    elsewhere = type(slot)(office_id=SMALL_HALL, starts_at=slot.starts_at)
    nowhere = type(slot)(office_id=OfficeId("999"), starts_at=slot.starts_at)
    expected = {
        order(RESIDENT, past, ID_CARD): "INVALID_TIME",
        order(RESIDENT, elsewhere, COMPANY): "SERVICE_NOT_AT_OFFICE",
        order(RESIDENT, nowhere, ID_CARD): "SERVICE_NOT_AT_OFFICE",
        order(RESIDENT, slot): "SERVICE_MISSING",
        order(RESIDENT, slot, ServiceId("abc")): "UNKNOWN_SERVICE",
        order(RESIDENT, slot, *[COMPANY] * 2): "TOO_MANY_SERVICES",
        order(RESIDENT, slot, *[ID_CARD] * 30): "TOO_MANY_SERVICES",
    }
    for wrong, code in expected.items():
        with pytest.raises(Rejected) as caught:
            await centre.appointments.hold(wrong)
        assert [each for each, _ in problems(caught)] == [code], wrong


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ({"kind": "error"}, Unavailable),
        ({"kind": "inner_fault"}, Unavailable),
        ({"kind": "maintenance", "seconds": 600}, Maintenance),
        ({"kind": "quota", "calls": 0, "per": 30}, QuotaExceeded),
        ({"kind": "junk"}, BadReply),
        ({"kind": "drop"}, Interrupted),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else "",
)
async def test_misbehaviour_becomes_the_right_error(
    centre: Centre, scenario: dict[str, object], error: type[AdapterError]
) -> None:
    await centre.play(**scenario)
    with pytest.raises(error) as caught:
        await centre.appointments.of_person([RESIDENT], Appointment.personal)
    if isinstance(caught.value, Maintenance):
        assert caught.value.until is not None
        assert abs(caught.value.until - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(seconds=5)
    if isinstance(caught.value, QuotaExceeded):
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after <= 30
