"""For whom a person may act: what the registers say now, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.contract.errors import AdapterError, NotOffered, Unavailable
from adapters.contract.ports.civil_affairs import Birth, Name, Person, Relative, SuspensionReason
from adapters.contract.ports.companies import Signatory
from adapters.contract.records import PartialDate, PersonId, Precision, TaxpayerId
from resolvers.common.context import Context, Viewer
from resolvers.common.errors import NotMandated
from resolvers.mandates import SCOPES, Mandate, MandateBasis, is_minor, mandate, mandates_of, represented
from tests.resolvers.city import PERSON, VIEWER, FakeCity

TODAY = datetime.now(UTC).date()
COMPANY = Signatory(
    company=TaxpayerId("700000011"), name="Photonics", role="legal_representative", signs_alone=True, active=True
)


def born(value: str | None, *, precision: Precision = Precision.DAY, doubted: bool = False) -> Birth:
    return Birth(
        date=PartialDate(value=value, precision=precision, under_investigation=doubted), place=None, country=None
    )


def child(number: str | None, birth: Birth | None) -> Relative:
    return Relative(id=PersonId(number) if number else None, name=Name(full="Li", given=None, family=None), birth=birth)


CHILD = child("100000333", born(f"{TODAY.year - 5}-01-01"))


class Register:
    def __init__(self, *records: Any, fails: AdapterError | None = None) -> None:
        self._records, self._fails = records, fails

    async def of_officer(self, persons: Any) -> Any:
        return self._answer(dict.fromkeys(persons, self._records))

    async def by_id(self, persons: Any, fields: Any) -> Any:
        assert all(field.startswith("children.") for field in fields), "nothing else is asked of the register"
        return self._answer({person: one for person in persons for one in self._records})

    def _answer(self, found: Any) -> Any:
        if self._fails:
            raise self._fails
        return found


def person(*children: Relative, **values: Any) -> Person:
    return Person(id=PERSON, children=children, **values)


def context(officers: Register, persons: Register, viewer: Viewer | None = VIEWER) -> Context:
    return Context(city=FakeCity(companies=officers, persons=persons), viewer=viewer, locale="en")


async def acts_for(officers: Register, persons: Register) -> set[str]:
    return {one.person for one in await mandates_of(context(officers, persons))}


async def test_an_officer_who_signs_alone_and_a_parent_have_mandates() -> None:
    found = await mandates_of(context(Register(COMPANY), Register(person(CHILD))))
    assert [(one.person, one.basis) for one in found] == [
        ("700000011", MandateBasis.OFFICER),
        ("100000333", MandateBasis.PARENT),
    ]


@pytest.mark.parametrize(
    "officers",
    [
        Register(),
        Register(Signatory(company=TaxpayerId("7"), name="x", role="supervisor", signs_alone=False, active=True)),
        Register(Signatory(company=TaxpayerId("7"), name="x", role="director", signs_alone=True, active=False)),
        Register(fails=NotOffered("nobody")),
    ],
)
@pytest.mark.parametrize(
    "persons",
    [
        Register(),
        Register(person()),
        Register(person(child(None, CHILD.birth))),
        Register(person(child(PERSON, CHILD.birth))),
        Register(person(child("1", None))),
        Register(person(child("1", born(f"{TODAY.year - 19}-01-01")))),
        Register(person(CHILD, suspension=SuspensionReason.DECEASED)),
        Register(person(CHILD, deceased_on=PartialDate(value=None, precision=Precision.UNKNOWN))),
        Register(fails=NotOffered("nobody")),
    ],
)
async def test_nobody_else_has(officers: Register, persons: Register) -> None:
    assert await acts_for(officers, persons) == set()


@pytest.mark.parametrize(
    ("birth", "minor"),
    [
        (born("2008-03-02"), False),
        (born("2008-03-03"), True),
        (born("2026-03-02"), True),
        (born("2026-03-03"), False),
        (born("2008-02-29"), False),
        (born("2020-03-02", doubted=True), False),
        (born("2020", precision=Precision.YEAR), False),
        (born("2020-03", precision=Precision.MONTH), False),
        (born(None, precision=Precision.UNKNOWN), False),
        (Birth(date=None, place=None, country=None), False),
        (None, False),
    ],
)
def test_a_child_is_under_eighteen_for_certain_or_not(birth: Birth | None, minor: bool) -> None:
    assert is_minor(birth, date(2026, 3, 2)) is minor


async def test_who_acts_for_somebody_already_acts_for_nobody_else() -> None:
    acting = replace(VIEWER, actor=PersonId("bob"), basis="issuer")
    assert await mandates_of(context(Register(COMPANY), Register(person(CHILD)), acting)) == ()


async def test_a_mandate_is_found_by_its_own_id_and_no_other() -> None:
    asking = context(Register(COMPANY), Register(person(CHILD)))
    for one in await mandates_of(asking):
        assert await mandate(asking, one.id) == one
        assert one.person not in one.id
        others = replace(one, actor=PersonId("100000009")).id
        for wrong in (others, one.person, one.id[:-1], one.id + "A", one.id.lower(), "", "Mandate", "x" * 5000):
            with pytest.raises(NotMandated):
                await mandate(asking, wrong)


async def test_a_register_that_is_away_is_no_answer_and_takes_nothing_from_the_other() -> None:
    away = Register(fails=Unavailable("gone"))
    asking = context(Register(COMPANY), away)
    with pytest.raises(Unavailable):
        await mandates_of(asking)
    found = Mandate(PERSON, PersonId("700000011"), "Photonics", MandateBasis.OFFICER)
    assert (await mandate(asking, found.id)).person == "700000011"
    with pytest.raises(Unavailable):
        await mandate(asking, Mandate(PERSON, PersonId("100000333"), None, MandateBasis.PARENT).id)


@pytest.mark.parametrize("basis", MandateBasis)
def test_nobody_acts_with_more_than_both_the_mandate_and_the_token_give(basis: MandateBasis) -> None:
    one = Mandate(PERSON, PersonId("x"), "X", basis)
    full = represented(VIEWER, one)
    assert (full.id, full.name, full.actor, full.basis) == ("x", "X", PERSON, basis.value)
    assert full.scopes == SCOPES[basis]
    assert full.assurance == VIEWER.assurance
    assert "person" not in full.scopes
    assert represented(replace(VIEWER, scopes=frozenset({"tax", "mandates"})), one).scopes == SCOPES[basis] & {"tax"}
    assert represented(replace(VIEWER, scopes=frozenset()), one).scopes == frozenset()
