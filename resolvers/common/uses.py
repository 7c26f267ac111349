"""With which operations of departments a field is answered: `@uses`, which the access log goes by."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry
from strawberry.schema_directive import Location

from adapters.contract.operations import operations


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="uses",
    description="The departments' operations with which the field and what is selected below it are answered, as "
    "`Department.operations` names them. The access log says which fields of a person were seen by them.",
)
class Uses:
    """The schema's `@uses`."""

    operations: list[str] = strawberry.directive_field(name="operations")


def uses(*names: str) -> tuple[Uses, ...]:
    """The directive that names them. Raises: ValueError for what no port has."""
    unknown = [name for name in names if name not in operations()]
    if unknown:
        raise ValueError(f"no port has the operation {', '.join(unknown)}")
    return (Uses(operations=list(names)),)


def used_by(directives: Iterable[object]) -> tuple[str, ...] | None:
    """The operations that these directives name; None when none does."""
    return next((tuple(one.operations) for one in directives if isinstance(one, Uses)), None)
