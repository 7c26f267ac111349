"""Person lists of the GBA as the test set lays them out: categories side by side, one row below the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.departments.civil_affairs.dates import read_date
from sandbox.records import PartialDate

UNKNOWN = frozenset({"", ".", "0000", "0000000000000000"})
"""What stands where a value is known to be unknown; the register then gives none."""
Row = Mapping[str, str]


class ListError(ValueError):
    """A person list that cannot be served; the message names the element and never its value."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a category: values by element (`02.40`), empty ones left out."""

    category: str
    elements: Mapping[str, str]

    def has(self, *groups: str) -> bool:
        """Whether an element of one of the groups has a value, be it that it is unknown."""
        return any(element[:2] in groups for element in self.elements)

    def known(self, element: str) -> str | None:
        """A value that is known."""
        value = self.elements.get(element, "")
        return None if value in UNKNOWN else value

    def date(self, element: str) -> PartialDate | None:
        """A date as far as it is known. Raises: ListError."""
        value = self.elements.get(element)
        if value is None:
            return None
        try:
            return read_date(value)
        except ValueError:
            raise ListError(f"impossible date in {self.category}.{element}") from None

    def number(self, element: str) -> int | None:
        """A whole number other than zero. Raises: ListError."""
        value = self.elements.get(element, "0")
        if not value.isascii() or not value.isdigit():
            raise ListError(f"no number in {self.category}.{element}")
        return int(value) or None


@dataclass(frozen=True, slots=True)
class PersonList:
    """All rows of a person."""

    rows: Sequence[Row]

    def current(self, category: str) -> list[Entry]:
        """The entries that hold now.

        The first row is one; each row says in `H` whether the next is another current entry (the category's own
        number) or the history of this one (the number of the historical category, 50 more).
        """
        found, here = [], category
        for row in self.rows:
            if here == category and (entry := _entry(row, category)).elements:
                found.append(entry)
            here = row[f"{category}.H"]
            if not here:
                break
        return found

    def first(self, category: str) -> Entry:
        """The only current entry of a category that does not repeat; an empty one when there is none."""
        return _entry(self.rows[0], category)


def person_lists(rows: Sequence[Row]) -> list[PersonList]:
    """The lists of a file: a list begins where the first column, its name, is filled."""
    groups: list[list[Row]] = []
    for row in rows:
        if row[""]:
            groups.append([row])
        elif groups:
            groups[-1].append(row)
    return [PersonList(group) for group in groups]


def _entry(row: Row, category: str) -> Entry:
    start = f"{category}."
    values = {name.removeprefix(start): text.strip() for name, text in row.items() if name.startswith(start)}
    return Entry(category, {element: value for element, value in values.items() if value and element != "H"})
