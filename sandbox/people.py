"""About two hundred people in families: who is whose child, partner and neighbour under one roof."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sandbox.names import FEMALE, MALE, SURNAMES, TOWNS
from sandbox.personas import CONFIDENTIAL, DECEASED, UNDER_INVESTIGATION, Persona
from sandbox.places import Doors
from sandbox.records import Address, Gender, Household, Marriage, PartialDate, Person, Text

ENOUGH = 200
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """What is decided about someone before they are entered; the rest is drawn."""

    gender: Gender
    born: date
    surname: Text
    given: Text | None = None
    id: str | None = None


class Population:
    """Enters people family by family."""

    def __init__(self, rng: random.Random, doors: Doors, today: date) -> None:
        self.persons: dict[str, Person] = {}
        self.households: list[Household] = []
        self._rng = rng
        self._doors = doors
        self._today = today
        self._born: dict[str, date] = {}
        self._ids = iter(rng.sample(range(110_000_000, 200_000_000), 3 * ENOUGH))

    def settle_persona(self, persona: Persona) -> None:
        """A persona with the family that they have; the resident has lost the father."""
        newcomer = _Newcomer(persona.gender, persona.born, persona.surname, persona.given, persona.id)
        address = self._doors.home()
        anchor = self._enter(newcomer, address)
        father, mother = self._parents_of(anchor, father_id=DECEASED if persona.name == "resident" else None)
        if persona.name == "resident":
            self._bury(father, mother)
        members = [anchor]
        if persona.married:
            members += self._couple(anchor, address, children=persona.children)
        self._household(address, members)

    def settle_special(self) -> None:
        """One person whose address is secret, and one with fields under investigation."""
        for person_id, change in (
            (CONFIDENTIAL, {"secret": True}),
            (UNDER_INVESTIGATION, {"under_investigation": ("birth", "address")}),
        ):
            address = self._doors.home()
            loner = self._enter(replace(self._stranger(28, 60), id=person_id), address)
            self._change(loner, **change)
            self._household(address, [loner])

    def settle_families(self) -> None:
        """Families of every age until there are enough people."""
        while len(self.persons) < ENOUGH:
            address = self._doors.home()
            anchor = self._enter(self._stranger(26, 70), address)
            members = [anchor]
            if self._rng.random() < 0.8:
                members += self._couple(anchor, address, children=self._rng.choice((0, 1, 1, 2, 2, 3)))
            if self._rng.random() < 0.4 and self._born[anchor].year > self._today.year - 58:
                self._parents_of(anchor)
            self._household(address, members)

    def _stranger(self, youngest: int, oldest: int) -> _Newcomer:
        gender = self._rng.choice(list(Gender))
        return _Newcomer(gender, self._years_ago(youngest, oldest), self._rng.choice(SURNAMES))

    def _years_ago(self, youngest: int, oldest: int) -> date:
        return self._today - timedelta(days=self._rng.randint(int(youngest * _YEAR), int(oldest * _YEAR)))

    def _enter(self, newcomer: _Newcomer, address: Address, *, parents: tuple[str, ...] = ()) -> str:
        rng = self._rng
        person_id = newcomer.id or str(next(self._ids))
        since = newcomer.born if parents else self._between(newcomer.born, self._today)
        self.persons[person_id] = Person(
            id=person_id,
            surname=newcomer.surname,
            given=newcomer.given or rng.choice(MALE if newcomer.gender is Gender.MALE else FEMALE),
            gender=newcomer.gender,
            birth=self._as_registered(newcomer.born),
            birth_place=TOWNS[0] if parents else rng.choice(TOWNS),
            address=address,
            resident_since=since,
            phone=f"100{rng.randint(0, 99_999_999):08d}",
            parents=parents,
        )
        self._born[person_id] = newcomer.born
        return person_id

    def _as_registered(self, born: date) -> PartialDate:
        """Old entries often lack the day, or the month too."""
        draw = self._rng.random()
        if born.year < 1962 and draw < 0.3:
            return PartialDate(born.year)
        if born.year < 1962 and draw < 0.6:
            return PartialDate(born.year, born.month)
        return PartialDate(born.year, born.month, born.day)

    def _couple(self, anchor: str, address: Address, *, children: int) -> list[str]:
        """Gives the anchor a partner and children; returns those who live with them."""
        rng = self._rng
        gender = Gender.FEMALE if self.persons[anchor].gender is Gender.MALE else Gender.MALE
        born = self._born[anchor] + timedelta(days=rng.randint(-1200, 1200))
        partner = self._enter(_Newcomer(gender, born, rng.choice(SURNAMES)), address)
        grown_up = max(self._born[anchor], born) + timedelta(days=int(22 * _YEAR))
        since = min(grown_up + timedelta(days=rng.randint(0, 1500)), self._today - timedelta(days=30))
        self._marry(anchor, partner, since)
        return [partner, *self._children((anchor, partner), address, since=since, count=children)]

    def _children(self, parents: tuple[str, str], address: Address, *, since: date, count: int) -> list[str]:
        father = next(each for each in parents if self.persons[each].gender is Gender.MALE)
        surname = self.persons[father].surname
        home, born = [], since
        for _ in range(count):
            born += timedelta(days=self._rng.randint(400, 1300))
            if born >= self._today:
                break
            newcomer = _Newcomer(self._rng.choice(list(Gender)), born, surname)
            own = self._doors.home() if born < self._today - timedelta(days=int(25 * _YEAR)) else None
            child = self._enter(newcomer, own or address, parents=parents)
            if own:
                self._household(own, [child])
            else:
                home.append(child)
            for parent in parents:
                self._change(parent, children=(*self.persons[parent].children, child))
        return home

    def _parents_of(self, child: str, *, father_id: str | None = None) -> tuple[str, str]:
        """Enters the anchor's own parents, who live on their own."""
        rng, address = self._rng, self._doors.home()
        born = self._born[child] - timedelta(days=rng.randint(int(24 * _YEAR), int(31 * _YEAR)))
        surname = self.persons[child].surname
        father = self._enter(_Newcomer(Gender.MALE, born, surname, id=father_id), address)
        younger = born + timedelta(days=rng.randint(0, 900))
        mother = self._enter(_Newcomer(Gender.FEMALE, younger, rng.choice(SURNAMES)), address)
        self._marry(father, mother, younger + timedelta(days=int(21 * _YEAR)))
        self._household(address, [father, mother])
        self._change(child, parents=(father, mother))
        for parent in (father, mother):
            self._change(parent, children=(child,))
        return father, mother

    def _marry(self, one: str, other: str, since: date) -> None:
        place = self._rng.choice(TOWNS)
        self._change(one, marriage=Marriage(other, since, place))
        self._change(other, marriage=Marriage(one, since, place))

    def _bury(self, dead: str, widow: str) -> None:
        died = self._between(self._today - timedelta(days=1500), self._today - timedelta(days=100))
        self._change(dead, died=died, marriage=None, birth=PartialDate())
        self._change(widow, marriage=None)
        household = self.households.pop()
        self.households.append(replace(household, head=widow, members=(widow,)))

    def _household(self, address: Address, members: list[str]) -> None:
        number = 300_000_000 + 137 * (len(self.households) + 1)
        self.households.append(Household(str(number), address, members[0], tuple(members)))

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self._rng.randint(0, max(0, (last - first).days)))

    def _change(self, person_id: str, **changes: object) -> None:
        self.persons[person_id] = replace(self.persons[person_id], **changes)  # type: ignore[arg-type]
