"""The schema's words for civil records and households."""

from __future__ import annotations

import strawberry

from adapters.contract.ports import civil_affairs as contract
from resolvers.common import sensitivity
from resolvers.common.assurance import Assurance
from resolvers.common.permissions import Authenticated, own
from resolvers.common.values import Address, PartialDate, public_enum

OWN = own("civil", assurance=Assurance.SUBSTANTIAL)

public_enum(
    contract.Gender,
    "As the register has it.",
    {"FEMALE": "Female.", "MALE": "Male.", "UNKNOWN": "The register does not know."},
)
public_enum(
    contract.SuspensionReason,
    "Why a record is no longer kept up to date.",
    {
        "DECEASED": "The person has died.",
        "EMIGRATED": "The person has left the country.",
        "MINISTERIAL_DECREE": "The record is closed by decree.",
        "ERROR": "The record was opened by mistake.",
        "OTHER": "For another reason.",
    },
)


@strawberry.type(description="A person's name.")
class PersonName:
    """Describes `contract.Name`."""

    full: str | None = strawberry.field(
        directives=sensitivity.NAME, description="The whole name as it is written in a letter."
    )
    given: str | None = strawberry.field(directives=sensitivity.NAME, description="Given names.")
    family: str | None = strawberry.field(directives=sensitivity.NAME, description="The family name.")
    under_investigation: bool = strawberry.field(description="True while the register doubts the name.")


@strawberry.type(description="When and where a person was born.")
class Birth:
    """Describes `contract.Birth`."""

    date: PartialDate | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="When, as far as it is known."
    )
    place: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="Where, as the register writes it."
    )
    country: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="In which country, as the register writes it."
    )


@strawberry.type(description="A child, parent or partner as a person's own record shows them.")
class Relative:
    """Describes `contract.Relative`; the relative's number stays at the register."""

    name: PersonName | None = strawberry.field(directives=sensitivity.FAMILY, description="The relative's name.")
    birth: Birth | None = strawberry.field(directives=sensitivity.FAMILY, description="The relative's birth.")


@strawberry.type(description="A marriage or registered partnership.")
class Marriage:
    """Describes `contract.Marriage`."""

    partner: Relative = strawberry.field(directives=sensitivity.FAMILY, description="With whom.")
    began_on: PartialDate | None = strawberry.field(directives=sensitivity.FAMILY, description="Since when.")
    place: str | None = strawberry.field(directives=sensitivity.FAMILY, description="Where it was registered.")
    ended_on: PartialDate | None = strawberry.field(directives=sensitivity.FAMILY, description="When it was dissolved.")


@strawberry.type(description="Where a person is registered.")
class Residence:
    """Describes `contract.Residence`."""

    address: Address | None = strawberry.field(directives=sensitivity.ADDRESS, description="The address.")
    country: str | None = strawberry.field(
        directives=sensitivity.ADDRESS, description="The country for an address abroad."
    )
    since: PartialDate | None = strawberry.field(directives=sensitivity.ADDRESS, description="Since when.")


@strawberry.type(description="A person in a household register.")
class HouseholdMember:
    """Describes `contract.HouseholdMember`."""

    name: str = strawberry.field(directives=sensitivity.NAME, description="The member's name.")
    relation: str = strawberry.field(
        directives=sensitivity.FAMILY, description="The relation to the head of the household."
    )
    birth_date: PartialDate | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="The member's birth date."
    )


@strawberry.type(description="A household register page.", directives=[Authenticated()])
class Household:
    """Describes `contract.Household`."""

    number: str = strawberry.field(directives=sensitivity.IDENTIFIER, description="The register's number.")
    kind: str = strawberry.field(
        directives=sensitivity.FAMILY, description="The kind of household, in the register's words."
    )
    address: Address = strawberry.field(
        directives=sensitivity.ADDRESS, description="Where the household is registered."
    )
    members: list[HouseholdMember] = strawberry.field(
        directives=sensitivity.FAMILY, description="Who belongs to it, the head first."
    )


@strawberry.type(
    description="A civil record. The register is asked for the selected fields only; what it does not know is null.",
    directives=[Authenticated()],
)
class CivilRecord:
    """Describes `contract.Person`."""

    name: PersonName | None = strawberry.field(directives=sensitivity.NAME, description="The person's name.")
    gender: contract.Gender | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="The person's gender."
    )
    age: int | None = strawberry.field(
        directives=sensitivity.IDENTIFIER,
        description="In whole years; null when the birth date is not known well enough.",
    )
    birth: Birth | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="When and where the person was born."
    )
    nationalities: list[str] = strawberry.field(
        directives=sensitivity.FAMILY, description="Nationalities, as the register writes them."
    )
    residence: Residence | None = strawberry.field(
        directives=sensitivity.ADDRESS, description="Where the person is registered."
    )
    children: list[Relative] = strawberry.field(directives=sensitivity.FAMILY, description="The person's children.")
    parents: list[Relative] = strawberry.field(directives=sensitivity.FAMILY, description="The person's parents.")
    marriages: list[Marriage] = strawberry.field(
        directives=sensitivity.FAMILY, description="Marriages and partnerships, also dissolved ones."
    )
    secret: bool = strawberry.field(
        directives=sensitivity.FAMILY, description="True when the person asked that nothing be given to others."
    )
    suspension: contract.SuspensionReason | None = strawberry.field(
        directives=sensitivity.FAMILY, description="Why the record is no longer kept up to date; null while it is."
    )
    deceased_on: PartialDate | None = strawberry.field(
        directives=sensitivity.FAMILY, description="When the person died."
    )
