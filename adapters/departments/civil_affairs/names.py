"""The whole name of a relative, whom the register shows in parts."""

from __future__ import annotations

from enum import Enum


class NameOrder(Enum):
    """Which part of a name comes first."""

    FAMILY_FIRST = "family_first"
    GIVEN_FIRST = "given_first"


def whole_name(given: str | None, family: str | None, order: NameOrder) -> str | None:
    """The parts in the city's order; names in Han characters are always family first and without a space."""
    if family and given and _is_han(family + given):
        return family + given
    parts = (family, given) if order is NameOrder.FAMILY_FIRST else (given, family)
    return " ".join(filter(None, parts)) or None


def _is_han(text: str) -> bool:
    return all("\u3400" <= letter <= "\u9fff" or letter in "·\u3007" or letter >= "\U00020000" for letter in text)
