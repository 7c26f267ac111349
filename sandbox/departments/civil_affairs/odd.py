"""Lives that the plain city does not have: emigrants, people without an address, the divorced, the stateless."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.city import City
from sandbox.departments.civil_affairs.dates import typed
from sandbox.personas import CONFIDENTIAL, DECEASED, UNDER_INVESTIGATION
from sandbox.records import PartialDate, Person, Text

_SPECIAL = frozenset({CONFIDENTIAL, DECEASED, UNDER_INVESTIGATION})
_CANADA = ("124", Text("加拿大", "Canada"))
_BOAT = Text("东湖听涛码头居住船", "Houseboat at the Tingtao landing")
_MOVED = date(2021, 9, 1)
DIVORCED = PartialDate(2019)


@dataclass(frozen=True, slots=True)
class Odd:
    """What is different about a person; `residence` gives the parts of the document in a language."""

    residence: Callable[[str], dict[str, Any]] | None = None
    emigrated_on: date | None = None
    nationality: Mapping[str, Any] | None = None
    divorced_from: str | None = None


def choose_odd(city: City) -> dict[str, Odd]:
    """Some of the people who are nobody's persona, the same ones for the same city."""
    personas = {persona.id for persona in city.personas.values()}
    grown_up = [
        person
        for person in city.persons.values()
        if person.id not in personas | _SPECIAL and person.died is None and person.birth.year is not None
    ]
    single = [person for person in grown_up if person.marriage is None and _age(person, city) >= 25]
    lives = (
        Odd(residence=_abroad, emigrated_on=_MOVED),
        Odd(residence=_on_a_boat),
        Odd(residence=_nowhere),
        Odd(nationality={"type": "Staatloos"}),
        Odd(nationality={"type": "NationaliteitOnbekend"}),
    )
    chosen = {person.id: odd for person, odd in zip(single, lives, strict=False)}
    pairs = zip(single[len(lives) :: 2], single[len(lives) + 1 :: 2], strict=False)
    for one, other in list(pairs)[:2]:
        chosen[one.id] = Odd(divorced_from=other.id)
        chosen[other.id] = Odd(divorced_from=one.id)
    return chosen


def _age(person: Person, city: City) -> int:
    return city.today.year - (person.birth.year or city.today.year)


def _abroad(locale: str) -> dict[str, Any]:
    code, name = _CANADA
    lines = ("88 Main Street", "Vancouver BC")
    country = {"code": code, "omschrijving": name.get(locale)}
    return {
        "verblijfplaats": {
            "type": "VerblijfplaatsBuitenland",
            "datumVan": typed(_MOVED, locale),
            "verblijfadres": {"regel1": lines[0], "regel2": lines[1], "land": country},
        },
        "adressering": {"adresregel1": lines[0], "adresregel2": lines[1], "land": country},
    }


def _on_a_boat(locale: str) -> dict[str, Any]:
    return {
        "verblijfplaats": {
            "type": "Locatie",
            "datumVan": typed(PartialDate(2014, 6), locale),
            "verblijfadres": {"locatiebeschrijving": _BOAT.get(locale)},
        },
        "adressering": {"adresregel1": _BOAT.get(locale)},
    }


def _nowhere(locale: str) -> dict[str, Any]:
    return {"verblijfplaats": {"type": "VerblijfplaatsOnbekend", "datumVan": typed(PartialDate(), locale)}}
