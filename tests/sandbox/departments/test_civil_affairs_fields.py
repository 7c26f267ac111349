"""Least privilege: which paths each field of a person costs, and that the register has every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from adapters.contract.ports.civil_affairs import Person
from adapters.contract.records import PartialDate
from adapters.departments.civil_affairs.fields import PATHS, leaves, wire_fields
from sandbox.departments.civil_affairs.schema import exists, is_automatic


def leaves_of(record: type, at: str = "") -> Iterator[str]:
    """Every leaf that a selection can name; a date is one."""
    hints = get_type_hints(record)
    for name in record.__struct_fields__:  # type: ignore[attr-defined]  # records alone have leaves
        hint = hints[name]
        parts = [part for part in (hint, *inner(hint)) if isinstance(part, type) and issubclass(part, msgspec.Struct)]
        if parts and parts[0] is not PartialDate:
            yield from leaves_of(parts[0], f"{at}{name}.")
        else:
            yield f"{at}{name}"


def inner(hint: Any) -> Iterator[Any]:
    for part in get_args(hint):
        yield part
        yield from inner(part)


def test_the_table_has_every_field_of_a_person_and_no_other() -> None:
    doubts = {name for name in leaves_of(Person) if name.endswith(".name.under_investigation")}
    assert set(PATHS) == set(leaves_of(Person)) - doubts - {"name.under_investigation"}
    assert {"children.name.under_investigation", "marriages.partner.name.under_investigation"} < doubts


def test_every_path_can_be_asked_for() -> None:
    asked = [path for paths in PATHS.values() for path in paths]
    assert [path for path in asked if not exists(path) or is_automatic(path)] == []


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        (set(), []),
        ({"id"}, []),
        ({"secret", "suspension", "under_investigation"}, []),
        ({"name.full"}, ["naam.volledigeNaam"]),
        ({"name.full", "name.under_investigation"}, ["naam.volledigeNaam"]),
        ({"name.given", "name.under_investigation"}, ["naam.voornamen"]),
        ({"name.under_investigation"}, ["naam.volledigeNaam"]),
        ({"birth.date"}, ["geboorte.datum"]),
        ({"birth.date.value", "birth.date.precision", "birth.date.under_investigation"}, ["geboorte.datum"]),
        ({"birth"}, ["geboorte.datum", "geboorte.plaats", "geboorte.land"]),
        ({"residence.since.precision"}, ["verblijfplaats.datumVan"]),
        ({"deceased_on.value"}, ["overlijden.datum"]),
        (
            {"parents.name.full", "parents.name.family"},
            ["ouders.naam.voornamen", "ouders.naam.voorvoegsel", "ouders.naam.geslachtsnaam"],
        ),
        ({"marriages.partner.name.under_investigation", "marriages.partner.name.given"}, ["partners.naam.voornamen"]),
        ({"marriages.ended_on.value"}, ["partners.ontbindingHuwelijkPartnerschap.datum"]),
    ],
)
def test_a_selection_costs_what_it_needs(fields: set[str], paths: list[str]) -> None:
    assert wire_fields(leaves(frozenset(fields))) == ("burgerservicenummer", *paths)


def test_everything_is_within_what_the_register_takes() -> None:
    everything = wire_fields(leaves(frozenset(Person.__struct_fields__)))
    assert len(everything) == len(set(everything)) <= 130


@pytest.mark.parametrize(
    "unknown",
    [
        "",
        "nam",
        "name.middle",
        "name.full.x",
        "birth.date.month",
        "age.value",
        "secret.why",
        "partner",
        "id.id",
        "birth.",
    ],
)
def test_an_unknown_field_is_a_fault_of_the_caller(unknown: str) -> None:
    with pytest.raises(ValueError, match="a civil record has no field"):
        leaves(frozenset({"age", unknown}))
