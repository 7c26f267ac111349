"""What people ask meanwhile: the home screen, with a part of each department of the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.workloads import HOME_SCREEN

PARTS: Mapping[str, str] = {**HOME_SCREEN, "public_security": "extracts(first: 3) { nodes { id kind state } }"}
"""What is selected of the viewer, by the department that has it."""
FIELDS: Mapping[str, str] = {name: part.partition("(")[0].split(" ")[0] for name, part in PARTS.items()}
"""The viewer's field by department."""
DEPARTMENTS = tuple(PARTS)
LOCALE = "zh-CN"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks: the id, the name as both the login service and the civil register have it, and a token."""

    id: str
    name: str
    token: str


def document(departments: Iterable[str]) -> str:
    """The operation that selects the parts of some departments."""
    return f"query HomeScreen {{ viewer {{ name {' '.join(PARTS[name] for name in departments)} }} }}"
