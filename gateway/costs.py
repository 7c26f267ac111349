"""What the schema's fields cost here: their calls, as the departments that provide them are configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.graphql.cost import Charge, Charges, ChargesOf, Prices
from gateway.schema import CALLS
from resolvers.common.calls import Calls

ChargeOf = Callable[[str], tuple[str, int] | None]
"""Who provides a port's operation, and how many requests a call of it takes at most; None where nobody does."""


def prices(charge_of: ChargeOf) -> Prices:
    """The schema's prices; what no department provides costs nothing."""
    return {
        field: _of_arguments(calls, charge_of) if callable(calls) else _charges(calls, charge_of)
        for field, calls in CALLS.items()
    }


def _of_arguments(calls: Callable[[Mapping[str, Any]], Calls], charge_of: ChargeOf) -> ChargesOf:
    return lambda arguments: _charges(calls(arguments), charge_of)


def _charges(calls: Calls, charge_of: ChargeOf) -> Charges:
    found = [(call, charge_of(call.operation)) for call in calls]
    return [Charge(*charge, once=call.operation if call.once else None) for call, charge in found if charge is not None]
