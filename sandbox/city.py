"""The small city that every department of the sandbox shares: built from a seed, the same for all of them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sandbox.businesses import Register
from sandbox.catalogue import SERVICES
from sandbox.divisions import build_divisions
from sandbox.people import Population
from sandbox.personas import PERSONAS, Persona
from sandbox.places import Doors, build_offices
from sandbox.real.persons import StandIn, choose_stand_ins
from sandbox.records import Company, Division, Gender, Household, Office, Person, PublicService, Text

ZONE = ZoneInfo("Asia/Shanghai")
BUSY_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class City:
    """Everything the departments know in common.

    `personas` carry the ids that are valid in this city. `busy_person` has 50 entries in every list.
    `data` is the folder of public files that departments may read instead of generating.
    """

    seed: int
    today: date
    name: Text
    divisions: tuple[Division, ...]
    offices: tuple[Office, ...]
    services: tuple[PublicService, ...]
    persons: Mapping[str, Person]
    households: tuple[Household, ...]
    companies: Mapping[str, Company]
    personas: Mapping[str, Persona]
    data: Path | None = None

    @property
    def busy_person(self) -> str:
        """The id of the person with 50 entries in every list."""
        return self.personas["busy"].id

    def persona(self, name: str) -> Person:
        """The person behind a persona. Raises: KeyError."""
        return self.persons[self.personas[name].id]

    def rng(self, department: str) -> random.Random:
        """A department's own source of chance, the same on every start with this seed."""
        return random.Random(f"{self.seed}:{department}")

    def entries_of(self, person: str, department: str) -> int:
        """How many entries a department seeds for a person: 50 if busy, 2–3 for personas, 0–2 for others."""
        if person == self.busy_person:
            return BUSY_ENTRIES
        is_persona = any(persona.id == person for persona in self.personas.values())
        draw = random.Random(f"{self.seed}:{department}:{person}").randint
        return draw(2, 3) if is_persona else draw(0, 2)

    def companies_of(self, person: str) -> list[Company]:
        """The companies of which a person is an officer."""
        return [
            company
            for company in self.companies.values()
            if any(officer.person == person for officer in company.officers)
        ]

    def household_of(self, person: str) -> Household | None:
        """Where a person is registered; the dead are not."""
        return next((each for each in self.households if person in each.members), None)


def build_city(seed: int = 1, today: date | None = None, *, data: Path | None = None) -> City:
    """Builds the city; equal arguments give an equal city. `today` defaults to the date in Wuhan.

    With `data`, divisions come from its `cn_divisions`, and personas are persons of its `nl_brp` test set.

    Raises: DataError (sandbox.real) for a file that cannot be read.
    """
    today = today or datetime.now(ZONE).date()
    rng = random.Random(seed)
    divisions = build_divisions(data)
    personas = _personas(data)
    doors = Doors(rng, divisions)
    offices = build_offices(doors, SERVICES)
    population = Population(rng, doors, today)
    for persona in personas.values():
        population.settle_persona(persona)
    population.settle_special()
    population.settle_families()
    register = Register(rng, doors, population.persons, today=today)
    companies = register.companies(
        officer=personas["officer"].id,
        busy=personas["busy"].id,
        apart=frozenset(persona.id for persona in personas.values()),
    )
    return City(
        seed=seed,
        today=today,
        name=Text("武汉东湖新技术开发区（中国光谷）", "East Lake High-tech Zone (Optics Valley), Wuhan"),
        divisions=divisions,
        offices=offices,
        services=SERVICES,
        persons=MappingProxyType(population.persons),
        households=tuple(population.households),
        companies=MappingProxyType({company.id: company for company in companies}),
        personas=MappingProxyType(personas),
        data=data,
    )


def _personas(data: Path | None) -> dict[str, Persona]:
    if data is None:
        return dict(PERSONAS)
    stand_ins = choose_stand_ins(data, list(PERSONAS))
    return {
        name: _played_by(persona, stand_ins[name]) if name in stand_ins else persona
        for name, persona in PERSONAS.items()
    }


def _played_by(persona: Persona, person: StandIn) -> Persona:
    return replace(
        persona,
        id=person.id,
        surname=Text(person.surname, person.surname),
        given=Text(person.given, person.given),
        gender=Gender.FEMALE if person.gender == "V" else Gender.MALE,
        born=datetime.strptime(person.birth, "%Y%m%d").date(),
    )
