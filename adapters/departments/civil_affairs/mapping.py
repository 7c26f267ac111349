"""From the register's words to civil records: pure functions, strict, and never more than was selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from adapters.contract.errors import BadReply
from adapters.contract.operations import FieldSet
from adapters.contract.ports.civil_affairs import (
    Birth,
    Gender,
    Marriage,
    Name,
    Person,
    Relative,
    Residence,
    SuspensionReason,
)
from adapters.contract.records import Address, PartialDate, PersonId
from adapters.departments.civil_affairs.names import NameOrder, whole_name
from adapters.departments.civil_affairs.values import doubted, partial_date, word
from adapters.products.brp.wire import (
    Datum,
    EenNationaliteit,
    Geboorte,
    Gerelateerde,
    InOnderzoek,
    Naam,
    Nationaliteit,
    Overlijden,
    Partner,
    Persoon,
    Verbintenis,
    VerblijfplaatsBuitenland,
    VerblijfplaatsOnbekend,
    Waarde,
)

T = TypeVar("T")
GENDERS = {"M": Gender.MALE, "V": Gender.FEMALE, "O": Gender.UNKNOWN}
REASONS = {
    "O": SuspensionReason.DECEASED,
    "E": SuspensionReason.EMIGRATED,
    "M": SuspensionReason.MINISTERIAL_DECREE,
    "F": SuspensionReason.ERROR,
    "R": SuspensionReason.OTHER,  # never a resident: the list was opened in the register of non-residents
    ".": SuspensionReason.OTHER,
}
# The register has a type and no words for these.
NO_NATIONALITY = {
    "Staatloos": {"en": "Stateless", "zh-CN": "无国籍"},
    "BehandeldAlsNederlander": {"en": "Treated as a national", "zh-CN": "视同本国公民"},
    "VastgesteldNietNederlander": {"en": "Established not to be a national", "zh-CN": "已确认非本国公民"},
    "NationaliteitOnbekend": {"en": "Unknown nationality", "zh-CN": "国籍不明"},
}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """How a person is to be shown: the `leaves` that were selected, the language, the order of a whole name."""

    selected: FieldSet
    locale: str
    order: NameOrder

    def has(self, name: str) -> bool:
        """Whether a field or anything below it is selected."""
        return name in self.selected or any(leaf.startswith(f"{name}.") for leaf in self.selected)

    def keep(self, name: str, value: T | None) -> T | None:
        """The value of a selected field; what came in excess is dropped."""
        return value if self.has(name) else None


def to_person(raw: Persoon, view: View) -> Person:
    """A person as selected. Raises: BadReply for a code that the contract does not have."""
    return Person(
        id=PersonId(raw.burgerservicenummer),
        name=_name(raw.naam, view, "name"),
        gender=view.keep("gender", _gender(raw.geslacht)),
        age=view.keep("age", raw.leeftijd),
        birth=_birth(raw.geboorte, view, "birth"),
        nationalities=_nationalities(raw, view),
        residence=view.keep("residence", _residence(raw, view)),
        children=_relatives(raw.kinderen, view, "children"),
        parents=_relatives(raw.ouders, view, "parents"),
        marriages=tuple(_marriage(each, view) for each in raw.partners) if view.has("marriages") else (),
        secret=view.has("secret") and raw.geheimhoudingPersoonsgegevens,
        suspension=view.keep("suspension", _suspension(raw)),
        deceased_on=view.keep("deceased_on", _died(raw.overlijden)),
        under_investigation=_under_investigation(raw, view),
    )


def _gender(raw: Waarde | None) -> Gender | None:
    if raw is None:
        return None
    if raw.code not in GENDERS:
        raise BadReply("geslacht.code is none of the table's")
    return GENDERS[raw.code]


def _suspension(raw: Persoon) -> SuspensionReason | None:
    if raw.opschortingBijhouding is None:
        return None
    if raw.opschortingBijhouding.reden.code not in REASONS:
        raise BadReply("opschortingBijhouding.reden.code is none of the table's")
    return REASONS[raw.opschortingBijhouding.reden.code]


def _name(raw: Naam | None, view: View, at: str) -> Name | None:
    if raw is None or not view.has(at):
        return None
    family = " ".join(filter(None, (raw.voorvoegsel, raw.geslachtsnaam))) or None
    full = raw.volledigeNaam or whole_name(raw.voornamen, family, view.order)
    return Name(
        full=view.keep(f"{at}.full", full),
        given=view.keep(f"{at}.given", raw.voornamen),
        family=view.keep(f"{at}.family", family),
        under_investigation=doubted(raw),
    )


def _birth(raw: Geboorte | None, view: View, at: str) -> Birth | None:
    if raw is None or not view.has(at):
        return None
    return Birth(
        date=view.keep(f"{at}.date", _date(raw.datum, raw.inOnderzoek)),
        place=view.keep(f"{at}.place", word(raw.plaats)),
        country=view.keep(f"{at}.country", word(raw.land)),
    )


def _date(raw: Datum | None, doubts: InOnderzoek) -> PartialDate | None:
    return partial_date(raw, doubted=doubts.get("datum") is True)


def _died(raw: Overlijden | None) -> PartialDate | None:
    return _date(raw.datum, raw.inOnderzoek) if raw else None


def _nationalities(raw: Persoon, view: View) -> tuple[str, ...]:
    if not view.has("nationalities"):
        return ()
    return tuple(_nationality(each, view.locale) for each in raw.nationaliteiten)


def _nationality(raw: EenNationaliteit, locale: str) -> str:
    if not isinstance(raw, Nationaliteit):
        return NO_NATIONALITY[type(raw).__name__][locale]
    name = word(raw.nationaliteit)
    if name is None:
        raise BadReply("nationaliteiten.nationaliteit has neither a code nor a name")
    return name


def _residence(raw: Persoon, view: View) -> Residence | None:
    place = raw.verblijfplaats
    if place is None and raw.adressering is None and raw.gemeenteVanInschrijving is None:
        return None
    since = partial_date(place.datumVan, doubted=place.inOnderzoek.get("datumVan") is True) if place else None
    country = word(place.verblijfadres.land) if place and place.verblijfadres else None
    return Residence(
        address=_address(raw, view),
        country=view.keep("residence.country", country),
        since=view.keep("residence.since", since),
    )


def _address(raw: Persoon, view: View) -> Address | None:
    place, envelope, municipality = raw.verblijfplaats, raw.adressering, raw.gemeenteVanInschrijving
    lines = (envelope.adresregel1, envelope.adresregel2, envelope.adresregel3) if envelope else ()
    away = isinstance(place, VerblijfplaatsBuitenland | VerblijfplaatsOnbekend)
    address = Address(
        lines=tuple(filter(None, lines)) if view.has("residence.address.lines") else (),
        postal_code=view.keep(
            "residence.address.postal_code", place.verblijfadres.postcode if place and place.verblijfadres else None
        ),
        division_code=view.keep(
            "residence.address.division_code", municipality.code if municipality and not away else None
        ),
    )
    return None if address == Address(lines=()) else address


def _relatives(raw: Sequence[Gerelateerde], view: View, at: str) -> tuple[Relative, ...]:
    return tuple(_relative(each, view, at) for each in raw) if view.has(at) else ()


def _relative(raw: Gerelateerde, view: View, at: str) -> Relative:
    number = PersonId(raw.burgerservicenummer) if raw.burgerservicenummer else None
    return Relative(
        id=view.keep(f"{at}.id", number),
        name=_name(raw.naam, view, f"{at}.name"),
        birth=_birth(raw.geboorte, view, f"{at}.birth"),
    )


def _marriage(raw: Partner, view: View) -> Marriage:
    began = raw.aangaanHuwelijkPartnerschap or Verbintenis()
    ended = raw.ontbindingHuwelijkPartnerschap or Verbintenis()
    return Marriage(
        partner=_relative(raw, view, "marriages.partner"),
        began_on=view.keep("marriages.began_on", _date(began.datum, began.inOnderzoek)),
        place=view.keep("marriages.place", word(began.plaats)),
        ended_on=view.keep("marriages.ended_on", _date(ended.datum, ended.inOnderzoek)),
    )


def _under_investigation(raw: Persoon, view: View) -> tuple[str, ...]:
    """Names of the selected fields; the number is always asked, so a doubt about it always counts."""
    doubts = {
        "id": _flagged(raw, "burgerservicenummer"),
        "name": doubted(raw.naam),
        "gender": _flagged(raw, "geslacht"),
        "age": _flagged(raw, "leeftijd"),
        "birth": doubted(raw.geboorte),
        "nationalities": doubted(raw.nationaliteiten),
        "residence": doubted((raw.verblijfplaats, raw.adressering)) or _flagged(raw, "gemeenteVanInschrijving"),
        "children": doubted(raw.kinderen),
        "parents": doubted(raw.ouders),
        "marriages": doubted(raw.partners),
        "deceased_on": doubted(raw.overlijden),
    }
    if not view.has("under_investigation"):
        return ()
    return tuple(name for name, is_doubted in doubts.items() if is_doubted and (name == "id" or view.has(name)))


def _flagged(raw: Persoon, name: str) -> bool:
    return raw.inOnderzoek.get(name) is True
