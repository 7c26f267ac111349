"""Civil records: the register is asked for what is selected and nothing else."""

from __future__ import annotations

from adapters.contract.ports.civil_affairs import Name, Person
from tests.resolvers.city import PERSON, FakeCity, ask


class Register:
    async def by_id(self, persons, fields):
        return {one: Person(id=one, name=Name(full="Wu Fang", given="Fang", family="Wu")) for one in persons}


async def fields_of(selection: str, *, variables: str = "", fragments: str = "") -> frozenset[str]:
    city = FakeCity(persons=Register())
    result = await ask(city, f"query {variables} {{ viewer {{ civilRecord {selection} }} }} {fragments}")
    assert result.errors is None, result.errors
    assert city.arguments["persons.by_id"][0] == [PERSON]
    found: frozenset[str] = city.arguments["persons.by_id"][1]
    return found


async def test_the_register_is_asked_for_the_selected_leaves_only() -> None:
    assert await fields_of("{ name { full } birth { date { value precision } } }") == {
        "name.full",
        "birth.date.value",
        "birth.date.precision",
    }


async def test_aliases_fragments_and_typename_do_not_matter() -> None:
    selection = "{ __typename n: name { __typename f: full } ... on CivilRecord { age ...Family } }"
    family = "fragment Family on CivilRecord { children { name { given } } deceasedOn { value } }"
    assert await fields_of(selection, fragments=family) == {
        "name.full",
        "age",
        "children.name.given",
        "deceased_on.value",
    }


async def test_what_is_skipped_is_not_asked_for() -> None:
    selection = """{ age @skip(if: $yes) gender @include(if: $no) secret @include(if: $yes)
      ... on CivilRecord @skip(if: $yes) { nationalities } }"""
    variables = "($yes: Boolean = true, $no: Boolean = false)"
    assert await fields_of(selection, variables=variables) == {"secret"}


async def test_a_person_whom_the_register_does_not_know_is_null() -> None:
    class Empty:
        async def by_id(self, persons, fields):
            return {}

    result = await ask(FakeCity(persons=Empty()), "{ viewer { civilRecord { age } } }")
    assert (result.errors, result.data) == (None, {"viewer": {"civilRecord": None}})
