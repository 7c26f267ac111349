"""From the department's words to the city's records: pure functions, strict."""

from __future__ import annotations

from adapters.contract.ports.complaints import ComplaintCategory
from adapters.departments._template.wire import Category


def to_category(raw: Category) -> ComplaintCategory:
    """A category; the department has no groups."""
    return ComplaintCategory(code=raw.code, name=raw.title, description=raw.note, group=None)
