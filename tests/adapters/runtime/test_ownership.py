"""No resolver, however wrong, gets the runtime to ask about somebody else, or to order for them."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.contract.operations import Kind, operations
from adapters.contract.ports.complaints import FileComplaint
from adapters.contract.ports.tax import StartPayment
from adapters.contract.records import PersonId, TaxpayerId
from adapters.runtime.ownership import require_own_keys, require_own_order
from tests.adapters.runtime.notes import caller

OWNED = [one for one in operations().values() if one.argument in (PersonId, TaxpayerId)]
ORDERS = [one for one in operations().values() if one.kind is Kind.WRITE]


def test_every_operation_by_person_is_owned() -> None:
    assert {"complaints.of_person", "persons.by_id", "tax.liabilities", "extracts.of_person"} <= {
        one.name for one in OWNED
    }
    assert not {"offices.listed", "complaints.categories"} & {one.name for one in OWNED}


@pytest.mark.parametrize("operation", OWNED, ids=lambda one: one.name)
@pytest.mark.parametrize("keys", [["bea"], ["ann", "bea"], ["ann "], [""], [None]])
def test_nobody_else_is_asked_about(operation, keys) -> None:
    require_own_keys(operation, caller("ann"), ["ann", "ann"])
    with pytest.raises(PermissionError, match=operation.name) as caught:
        require_own_keys(operation, caller("ann"), keys)
    assert "bea" not in str(caught.value)
    with pytest.raises(PermissionError):
        require_own_keys(operation, caller(None), ["ann"])


@pytest.mark.parametrize("operation", ORDERS, ids=lambda one: one.name)
def test_an_order_names_its_person_as_the_door_knows_it(operation) -> None:
    """A new kind of order whose person has another name would pass unseen: it must not."""
    assert {"person", "taxpayer"} & set(operation.argument.__struct_fields__)


def test_nothing_is_ordered_for_somebody_else() -> None:
    pay = operations()["tax.start_payment"]
    order = StartPayment(taxpayer=TaxpayerId("bea"), amount=1, currency="CNY")  # type: ignore[arg-type]
    require_own_order(pay, caller("bea"), order)
    for subject in ("ann", None):
        with pytest.raises(PermissionError, match=r"tax\.start_payment"):
            require_own_order(pay, caller(subject), order)


def test_a_complaint_without_a_name_is_nobodys() -> None:
    file = operations()["complaints.file"]
    values: dict[str, Any] = dict.fromkeys(FileComplaint.__struct_fields__)
    require_own_order(file, caller("ann"), FileComplaint(**values))
    require_own_order(file, caller(None), FileComplaint(**values))
    with pytest.raises(PermissionError, match=r"complaints\.file"):
        require_own_order(file, caller("ann"), FileComplaint(**values | {"person": "bea"}))
