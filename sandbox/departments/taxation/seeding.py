"""Accounts for everybody in the city, made from its seed."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from sandbox.city import City
from sandbox.departments.taxation.accounts import Account, Liability, Obligation, Payment
from sandbox.departments.taxation.periods import month_key, period
from sandbox.records import Text

NAME = "taxation"
KINDS = (
    ("V", Text("增值税", "Value added tax")),
    ("I", Text("个人所得税", "Individual income tax")),
    ("U", Text("城市维护建设税", "Urban construction tax")),
    ("P", Text("房产税", "Property tax")),
    ("S", Text("印花税", "Stamp duty")),
)
"""The letter in a period's key, and the name of each tax (30 characters at most)."""
LATE = frozenset({"resident", "manager", "busy"})
"""The personas who are behind with returns or payments."""
SHARE_LATE = 0.3
MONTHS_LATE = 2


def seeded(city: City) -> dict[str, Account]:
    """One account for each living person and for each company, by number."""
    late = {city.personas[name].id for name in LATE}
    accounts = {}
    for person in city.persons.values():
        if person.died is None:
            rng = Random(f"{city.seed}:{NAME}:{person.id}")
            is_late = person.id in late or (not _is_persona(city, person.id) and rng.random() < SHARE_LATE)
            accounts[person.id] = _account(city.today, rng, city.entries_of(person.id, NAME), is_late=is_late)
    for company in city.companies:
        rng = Random(f"{city.seed}:{NAME}:{company}")
        accounts[company] = _account(city.today, rng, rng.randint(1, 4), is_late=rng.random() < SHARE_LATE)
    return accounts


def _is_persona(city: City, person: str) -> bool:
    return any(persona.id == person for persona in city.personas.values())


def _account(today: date, rng: Random, count: int, *, is_late: bool) -> Account:
    return Account(
        obligations=sorted(_obligations(today, count, is_late=is_late), key=lambda each: each.start),
        liabilities=list(_liabilities(today, rng, count)),
        payments=list(_payments(today, rng, count)),
    )


def _taxes(count: int) -> Iterator[tuple[int, str, Text]]:
    """`count` entries, tax by tax from last month back: how many months ago, the tax's letter and name."""
    for index in range(count):
        letter, name = KINDS[index % len(KINDS)]
        yield 1 + index // len(KINDS), letter, name


def _obligations(today: date, count: int, *, is_late: bool) -> Iterator[Obligation]:
    """`count` open ones, and for each tax one before them that was declared in time."""
    oldest = 0
    for age, letter, _ in _taxes(count):
        oldest = age + (MONTHS_LATE if is_late else 0)
        start, end, due = period(today.year, today.month - oldest)
        yield Obligation(month_key(start, letter), start, end, due)
    for letter, _ in KINDS[:count]:
        start, end, due = period(today.year, today.month - oldest - 1)
        yield Obligation(month_key(start, letter), start, end, due, received=due - timedelta(days=2))


def _liabilities(today: date, rng: Random, count: int) -> Iterator[Liability]:
    """Of periods that ended within a year, each paid in part; only many of them reach back to what is overdue."""
    for age, _, name in _taxes(count):
        start, end, due = period(today.year, today.month - age)
        original = rng.randint(1_000, 900_000)
        yield Liability(name, start, end, due, original, original - rng.randint(0, original // 2))


def _payments(today: date, rng: Random, count: int) -> Iterator[Payment]:
    """Newest first, of the last twelve months."""
    for age in sorted(rng.sample(range(2, 360), count)):
        yield Payment(rng.randint(1_000, 900_000), received=today - timedelta(days=age))
