"""At the door to the departments: what is a person's is asked for by that person's own number, and by no other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from adapters.contract.city import Caller
from adapters.contract.operations import Operation
from adapters.contract.records import PersonId, TaxpayerId

_OWNERS = (PersonId, TaxpayerId)
_OWNER_FIELDS = ("person", "taxpayer")


def require_own_keys(operation: Operation, caller: Caller, keys: Iterable[Hashable]) -> None:
    """Raises: PermissionError when a read by person asks about anybody but the caller's subject."""
    if operation.argument not in _OWNERS:
        return
    for key in keys:
        if key != caller.subject:
            raise PermissionError(f"{operation.name} was to ask about somebody else than the request is about")


def owner_of(order: Any) -> str | None:
    """Whose an order is; None when it names nobody."""
    return next((owner for name in _OWNER_FIELDS if (owner := getattr(order, name, None)) is not None), None)


def require_own_order(operation: Operation, caller: Caller, order: Any) -> None:
    """Raises: PermissionError when an order is somebody else's; an order without a person is nobody's."""
    for name in _OWNER_FIELDS:
        if getattr(order, name, None) not in (None, caller.subject):
            raise PermissionError(f"{operation.name} was to order for somebody else than the request is about")
