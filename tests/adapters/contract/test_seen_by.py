"""What an appointment's list tells of an order whose answer was lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.contract.operations import Seen, operations
from adapters.contract.ports.appointments import Appointment, AppointmentOrder, AppointmentState
from adapters.contract.records import OfficeId, PersonId

ORDER = AppointmentOrder(person=PersonId("ann"), appointment_id="7.x")


def appointment(state: AppointmentState, identifier: str = "7.x") -> Appointment:
    return Appointment(
        id=identifier,
        state=state,
        starts_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        ends_at=None,
        hold_expires_at=None,
        services=(),
        office_id=OfficeId("1"),
        office_name="Office",
        office_address=None,
        notes=None,
    )


CONFIRMED, OTHER = appointment(AppointmentState.CONFIRMED), appointment(AppointmentState.CONFIRMED, "8.x")
CANCELLED, HELD = appointment(AppointmentState.CANCELLED), appointment(AppointmentState.HELD)


@pytest.mark.parametrize(
    ("operation", "listed", "seen"),
    [
        ("appointments.confirm", (OTHER, CONFIRMED), Seen(CONFIRMED)),
        ("appointments.confirm", (OTHER,), None),
        ("appointments.confirm", (HELD,), None),
        ("appointments.confirm", None, None),
        ("appointments.cancel", (OTHER, CONFIRMED), None),
        ("appointments.cancel", (OTHER,), Seen(None)),
        ("appointments.cancel", (CANCELLED,), Seen(CANCELLED)),
        ("appointments.cancel", None, Seen(None)),
    ],
)
def test_the_list_tells(operation: str, listed: tuple[Appointment, ...] | None, seen: Seen | None) -> None:
    seen_by = operations()[operation].seen_by
    assert seen_by is not None
    assert seen_by.key(ORDER) == "ann"
    assert seen_by.find(ORDER, listed) == seen
