"""Which paths of the register answer which field of a person: least privilege is this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.contract.operations import FieldSet

_NUMBER = "burgerservicenummer"
_DATE_PARTS = frozenset({"value", "precision", "under_investigation"})
_DOUBT = ".name.under_investigation"
_Table = Mapping[str, tuple[str, ...]]

_NAME: _Table = {"full": ("volledigeNaam",), "given": ("voornamen",), "family": ("voorvoegsel", "geslachtsnaam")}
# The register has no whole name of a relative: it is put together from the parts.
_NAME_OF_RELATIVE: _Table = {**_NAME, "full": ("voornamen", "voorvoegsel", "geslachtsnaam")}
_BIRTH: _Table = {"date": ("datum",), "place": ("plaats",), "country": ("land",)}


def _below(record: str, wire: str, table: _Table) -> _Table:
    return {f"{record}.{name}": tuple(f"{wire}.{path}" for path in paths) for name, paths in table.items()}


def _relative(record: str, wire: str) -> _Table:
    return {
        f"{record}.id": (f"{wire}.{_NUMBER}",),
        **_below(f"{record}.name", f"{wire}.naam", _NAME_OF_RELATIVE),
        **_below(f"{record}.birth", f"{wire}.geboorte", _BIRTH),
    }


# Of what comes unasked (secrecy, suspension, doubts) the register forbids to ask.
PATHS: _Table = {
    "id": (),
    **_below("name", "naam", _NAME),
    "gender": ("geslacht",),
    "age": ("leeftijd",),
    **_below("birth", "geboorte", _BIRTH),
    "nationalities": ("nationaliteiten.nationaliteit",),
    "residence.address.lines": tuple(f"adressering.adresregel{line}" for line in (1, 2, 3)),
    "residence.address.postal_code": ("verblijfplaats.verblijfadres.postcode",),
    "residence.address.division_code": ("gemeenteVanInschrijving", "verblijfplaats.type"),
    "residence.country": ("verblijfplaats.verblijfadres.land",),
    "residence.since": ("verblijfplaats.datumVan",),
    **_relative("children", "kinderen"),
    **_relative("parents", "ouders"),
    **_relative("marriages.partner", "partners"),
    "marriages.began_on": ("partners.aangaanHuwelijkPartnerschap.datum",),
    "marriages.place": ("partners.aangaanHuwelijkPartnerschap.plaats",),
    "marriages.ended_on": ("partners.ontbindingHuwelijkPartnerschap.datum",),
    "secret": (),
    "suspension": (),
    "deceased_on": ("overlijden.datum",),
    "under_investigation": (),
}
_DATES = frozenset({name for name in PATHS if name.endswith(("birth.date", ".began_on", ".ended_on", ".since"))}) | {
    "deceased_on"
}


def leaves(fields: FieldSet) -> FieldSet:
    """The names of `PATHS` that a selection stands for: a bare `name` is all below it, a date is one.

    `name.under_investigation` costs nothing beside another part of the name, and the whole name without one.
    Raises: ValueError for a name that `Person` does not have.
    """
    return frozenset(leaf for field in fields for leaf in _leaves(field, fields))


def wire_fields(selected: FieldSet) -> tuple[str, ...]:
    """The paths to ask for `leaves`; the number is always one, because replies are told apart by it."""
    asked = dict.fromkeys(path for name, paths in PATHS.items() if name in selected for path in paths)
    return (_NUMBER, *asked)


def _leaves(field: str, fields: FieldSet) -> Iterator[str]:
    parent, _, part = field.rpartition(".")
    if field in PATHS:
        yield field
    elif parent in _DATES and part in _DATE_PARTS:
        yield parent
    elif f".{field}".endswith(_DOUBT) and f"{parent}.full" in PATHS:
        if not any(each.startswith(f"{parent}.") and each != field for each in fields):
            yield f"{parent}.full"
    else:
        below = [name for name in PATHS if name.startswith(f"{field}.")]
        if not below:
            raise ValueError(f"a civil record has no field {field!r}")
        yield from below
