"""Which fields an investigation casts a shadow on: element 83.10 of the lists, `010310` for the birth date."""

from collections.abc import Iterable, Mapping
from typing import Any

Shadows = Mapping[str, tuple[tuple[str, str], ...]]
"""By the last four digits: the groups (empty for the top) and the flags in them."""
_NAME: Shadows = {
    "0210": (("naam", "voornamen"), ("naam", "voorletters"), ("naam", "volledigeNaam")),
    "0220": (("naam", "adellijkeTitelPredicaat"), ("naam", "volledigeNaam")),
    "0230": (("naam", "voorvoegsel"), ("naam", "volledigeNaam")),
    "0240": (("naam", "geslachtsnaam"), ("naam", "volledigeNaam")),
}
_BIRTH: Shadows = {
    "0310": (("geboorte", "datum"),),
    "0320": (("geboorte", "plaats"),),
    "0330": (("geboorte", "land"),),
}
_RELATIVE: Shadows = {"0120": (("", "burgerservicenummer"),), **_NAME, **_BIRTH, "0410": (("", "geslacht"),)}
_PARENT: Shadows = {**_RELATIVE, "6210": (("", "datumIngangFamilierechtelijkeBetrekking"),)}
PERSON: Shadows = {
    **_RELATIVE,
    "0310": (("geboorte", "datum"), ("", "leeftijd")),
    "0410": (("", "geslacht"), ("naam", "volledigeNaam")),
    "6110": (("naam", "aanduidingNaamgebruik"),),
}
CATEGORIES: Mapping[str, Shadows] = {
    "01": PERSON,
    "02": _PARENT,
    "03": _PARENT,
    "04": {
        "0510": (("", "type"), ("", "nationaliteit")),
        "6310": (("", "redenOpname"),),
        "6510": (("", "type"),),
    },
    "05": {
        **_RELATIVE,
        "0610": (("aangaanHuwelijkPartnerschap", "datum"),),
        "0620": (("aangaanHuwelijkPartnerschap", "plaats"),),
        "0630": (("aangaanHuwelijkPartnerschap", "land"),),
        "0710": (("ontbindingHuwelijkPartnerschap", "datum"),),
        "1510": (("", "soortVerbintenis"),),
    },
    "06": {
        "0810": (("overlijden", "datum"),),
        "0820": (("overlijden", "plaats"),),
        "0830": (("overlijden", "land"),),
    },
    "08": {
        "0910": (("", "gemeenteVanInschrijving"),),
        "0920": (("", "datumInschrijvingInGemeente"),),
        "1010": (("verblijfplaats", "functieAdres"),),
        "1030": (("verblijfplaats", "datumVan"),),
        "1110": (
            ("verblijfplaats", "type"),
            ("verblijfplaats.verblijfadres", "korteStraatnaam"),
            ("adressering", "adresregel1"),
        ),
        "1115": (("verblijfplaats.verblijfadres", "officieleStraatnaam"), ("adressering", "adresregel1")),
        "1120": (("verblijfplaats.verblijfadres", "huisnummer"), ("adressering", "adresregel1")),
        "1130": (("verblijfplaats.verblijfadres", "huisletter"), ("adressering", "adresregel1")),
        "1140": (("verblijfplaats.verblijfadres", "huisnummertoevoeging"), ("adressering", "adresregel1")),
        "1150": (("verblijfplaats.verblijfadres", "aanduidingBijHuisnummer"), ("adressering", "adresregel1")),
        "1160": (("verblijfplaats.verblijfadres", "postcode"), ("adressering", "adresregel2")),
        "1170": (("verblijfplaats.verblijfadres", "woonplaats"), ("adressering", "adresregel2")),
        "1180": (("verblijfplaats", "adresseerbaarObjectIdentificatie"),),
        "1190": (("verblijfplaats", "nummeraanduidingIdentificatie"),),
        "1210": (
            ("verblijfplaats", "type"),
            ("verblijfplaats.verblijfadres", "locatiebeschrijving"),
            ("adressering", "adresregel1"),
        ),
        "1310": (
            ("verblijfplaats", "type"),
            ("verblijfplaats.verblijfadres", "land"),
            ("adressering", "land"),
        ),
        "1320": (("verblijfplaats", "datumVan"),),
        "1330": (("verblijfplaats.verblijfadres", "regel1"), ("adressering", "adresregel1")),
        "1340": (("verblijfplaats.verblijfadres", "regel2"), ("adressering", "adresregel2")),
        "1350": (("verblijfplaats.verblijfadres", "regel3"), ("adressering", "adresregel3")),
        "8510": (("verblijfplaats", "datumIngangGeldigheid"),),
    },
    "09": _RELATIVE,
}
_SINCE = {
    ("01", ""): "datumIngangOnderzoekPersoon",
    ("08", ""): "datumIngangOnderzoekGemeente",
    ("08", "adressering"): "datumIngangOnderzoekVerblijfplaats",
}


def cast(document: dict[str, Any], code: str, since: Mapping[str, object] | None) -> None:
    """Puts the shadows of an investigation into a document: a person, or a relative of one.

    `code` is an element, a group (`010300`) or a category (`010000`). A group that the document lacks gets none.
    """
    category = code[:2]
    for group, flag in _struck(CATEGORIES.get(category, {}), code[2:]):
        node = _find(document, group)
        if node is not None:
            shadow = node.setdefault("inOnderzoek", {})
            shadow[flag] = True
            if since:
                shadow[_SINCE.get((category, group), "datumIngangOnderzoek")] = since


def _struck(shadows: Shadows, element: str) -> Iterable[tuple[str, str]]:
    for each, flags in shadows.items():
        if element in {"0000", f"{each[:2]}00", each}:
            yield from flags


def _find(document: dict[str, Any], group: str) -> dict[str, Any] | None:
    node: dict[str, Any] | None = document
    for step in filter(None, group.split(".")):
        node = node.get(step) if node is not None else None
    return node
