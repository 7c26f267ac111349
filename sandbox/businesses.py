"""About forty companies with their officers."""

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sandbox.names import BRANDS, TRADES
from sandbox.personas import BUSY_COMPANY, OFFICERS_COMPANY
from sandbox.places import Doors
from sandbox.records import Company, CompanyStatus, Officer, Person, Role, Text

ENOUGH = 40
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STATUSES = (CompanyStatus.ACTIVE,) * 8 + (CompanyStatus.ABNORMAL, CompanyStatus.DEREGISTERED)


class Register:
    """Founds companies; the officer and the busy person have one each that they sign for alone."""

    def __init__(self, rng: random.Random, doors: Doors, persons: Mapping[str, Person], *, today: date) -> None:
        self._rng = rng
        self._doors = doors
        self._today = today
        self._adults = [person.id for person in persons.values() if _may_found(person, today)]
        self._ids = iter(rng.sample(range(710_000_000, 800_000_000), ENOUGH))
        self._names = self._draw_names()

    def companies(self, *, officer: str, busy: str, apart: frozenset[str]) -> Iterator[Company]:
        """The two companies with fixed ids, then others, founded by people who are not set `apart`."""
        founders = [person for person in self._adults if person not in apart]
        yield self._found(OFFICERS_COMPANY, officer, founders, CompanyStatus.ACTIVE)
        yield self._found(BUSY_COMPANY, busy, founders, CompanyStatus.ACTIVE)
        for _ in range(ENOUGH - 2):
            founder = self._rng.choice(founders)
            yield self._found(str(next(self._ids)), founder, founders, self._rng.choice(_STATUSES))

    def _found(self, company_id: str, founder: str, others: list[str], status: CompanyStatus) -> Company:
        rng = self._rng
        name, industry = next(self._names)
        founded = self._today - timedelta(days=rng.randint(60, 4000))
        return Company(
            id=company_id,
            credit_code=_credit_code(rng),
            name=name,
            industry=industry,
            founded=founded,
            capital=rng.choice((100_000, 500_000, 1_000_000, 5_000_000, 20_000_000)),
            address=self._doors.premises(),
            officers=self._officers(founder, others, founded),
            status=status,
            employees=rng.randint(1, 120),
            seal=f"4201{rng.randint(0, 999_999_999):09d}" if rng.random() < 0.8 else None,
        )

    def _officers(self, founder: str, others: list[str], founded: date) -> tuple[Officer, ...]:
        colleagues = self._rng.sample([person for person in others if person != founder], 2)
        return (
            Officer(founder, Role.LEGAL_REPRESENTATIVE, founded, signs=True),
            Officer(colleagues[0], Role.DIRECTOR, founded, signs=False),
            Officer(colleagues[1], Role.SUPERVISOR, founded, signs=False),
        )

    def _draw_names(self) -> Iterator[tuple[Text, Text]]:
        pairs = [(brand, trade) for brand in BRANDS for trade in TRADES]
        self._rng.shuffle(pairs)
        for brand, trade in pairs:
            zh, en = f"武汉{brand.zh}{trade.zh}有限公司", f"Wuhan {brand.en} {trade.en} Co., Ltd."
            yield Text(zh, en), trade


def _may_found(person: Person, today: date) -> bool:
    year = person.birth.year
    return not person.died and not person.secret and year is not None and today.year - 70 < year < today.year - 20


def _credit_code(rng: random.Random) -> str:
    """A unified social credit code by GB 32100: an enterprise of Wuhan, an organisation code by GB 11714."""
    organisation = "MA" + "".join(rng.choice(_CREDIT_CHARACTERS) for _ in range(6))
    code = f"91420100{organisation}{_organisation_check(organisation)}"
    total = sum(_CREDIT_CHARACTERS.index(char) * pow(3, at, 31) for at, char in enumerate(code))
    return code + _CREDIT_CHARACTERS[-total % 31]


def _organisation_check(organisation: str) -> str:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(
        _ORGANISATION_CHARACTERS.index(char) * weight for char, weight in zip(organisation, weights, strict=True)
    )
    return "0123456789X"[-total % 11]
