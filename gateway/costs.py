"""What the schema's fields cost here: their calls, as the departments that provide them are configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.graphql.cost import Charge, Charges, ChargesOf, Prices
from gateway.schema import CALLS
from resolvers.common.calls import Calls

ChargesAt = Callable[[str], Sequence[tuple[str, int]]]
"""Who provides a port's operation, each with how many requests a call of it takes there at most."""


def prices(charges_of: ChargesAt) -> Prices:
    """The schema's prices; what no department provides costs nothing."""
    return {
        field: _of_arguments(calls, charges_of) if callable(calls) else _charges(calls, charges_of)
        for field, calls in CALLS.items()
    }


def _of_arguments(calls: Callable[[Mapping[str, Any]], Calls], charges_of: ChargesAt) -> ChargesOf:
    return lambda arguments: _charges(calls(arguments), charges_of)


def _charges(calls: Calls, charges_of: ChargesAt) -> Charges:
    return [
        Charge(department, requests, once=f"{department} {call.operation}" if call.once else None)
        for call in calls
        for department, requests in charges_of(call.operation)
    ]
