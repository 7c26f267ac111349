"""The public test set of person lists as a register: which lists are served, and why the others are not."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.departments.civil_affairs.categories import ListError, PersonList, person_lists
from sandbox.departments.civil_affairs.listed import document_of
from sandbox.real import rows
from sandbox.real.persons import TEST_SET

_NUMBER = "01.20"
_NOT_SERVED = {"W": "wiped from the register (07.67.20)", "F": "closed as an error (07.67.20)"}
OMITTED = "names of municipalities and countries, which the file has codes for"


class Lists:
    """Persons of the test set by number."""

    def __init__(self, data: Path, today: date) -> None:
        self._today = today
        self._refused: Counter[str] = Counter()
        self._lists: dict[str, PersonList] = {}
        found = person_lists(rows(data / TEST_SET, delimiter=";"))
        counts = Counter(each.first("01").known(_NUMBER) for each in found)
        for each in found:
            try:
                self._lists[self._served(each, counts)] = each
            except ListError as exc:
                self._refused[str(exc)] += 1

    @property
    def numbers(self) -> list[str]:
        """Everybody who is served."""
        return list(self._lists)

    def document(self, number: str, locale: str) -> dict[str, Any] | None:
        """The whole of a person; None for a number that nobody has."""
        found = self._lists.get(number)
        return document_of(found, locale, today=self._today) if found else None

    def report(self) -> dict[str, object]:
        """What became of the file's lists."""
        return {
            "served": len(self._lists),
            "refused": dict(self._refused),
            "sources": {str(TEST_SET): {"lists": len(self._lists) + self._refused.total(), "omitted": OMITTED}},
        }

    def _served(self, each: PersonList, counts: Counter[str | None]) -> str:
        """The list's number. Raises: ListError when it is not served."""
        reason = each.first("07").known("67.20")
        if reason in _NOT_SERVED:
            raise ListError(_NOT_SERVED[reason])
        number = each.first("01").known(_NUMBER)
        if number is None:
            raise ListError("no citizen service number (01.01.20)")
        if counts[number] > 1:
            raise ListError("citizen service number of two lists (01.01.20)")
        document_of(each, "en", today=self._today)
        return number
