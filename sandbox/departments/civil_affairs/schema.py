"""The fields of a person that can be asked for, and those that come unasked (BRP API Personen 2.7, `Persoon`)."""

from collections.abc import Mapping

Tree = Mapping[str, "Tree"]

VALUE: Tree = {}
TABLE: Tree = dict.fromkeys(("code", "omschrijving"), VALUE)
DATE: Tree = dict.fromkeys(("type", "datum", "langFormaat", "jaar", "maand", "onbekend"), VALUE)
TITLE: Tree = {**TABLE, "soort": VALUE}
AUTOMATIC = frozenset({"inOnderzoek", "geheimhoudingPersoonsgegevens", "opschortingBijhouding", "rni", "verificatie"})

_RELATIVES_NAME: Tree = {
    "voornamen": VALUE,
    "adellijkeTitelPredicaat": TITLE,
    "voorvoegsel": VALUE,
    "geslachtsnaam": VALUE,
    "voorletters": VALUE,
}
_EVENT: Tree = {"datum": DATE, "land": TABLE, "plaats": TABLE}
_CHILD: Tree = {"burgerservicenummer": VALUE, "naam": _RELATIVES_NAME, "geboorte": _EVENT}
_RESIDENCE: Tree = {
    "type": VALUE,
    "datumVan": DATE,
    "datumIngangGeldigheid": DATE,
    "functieAdres": TABLE,
    "adresseerbaarObjectIdentificatie": VALUE,
    "nummeraanduidingIdentificatie": VALUE,
    "verblijfadres": {
        "officieleStraatnaam": VALUE,
        "korteStraatnaam": VALUE,
        "huisnummer": VALUE,
        "huisletter": VALUE,
        "huisnummertoevoeging": VALUE,
        "aanduidingBijHuisnummer": TABLE,
        "postcode": VALUE,
        "woonplaats": VALUE,
        "locatiebeschrijving": VALUE,
        "regel1": VALUE,
        "regel2": VALUE,
        "regel3": VALUE,
        "land": TABLE,
    },
}
PERSON: Tree = {
    "aNummer": VALUE,
    "burgerservicenummer": VALUE,
    "datumEersteInschrijvingGBA": DATE,
    "datumInschrijvingInGemeente": DATE,
    "gemeenteVanInschrijving": TABLE,
    "geslacht": TABLE,
    "leeftijd": VALUE,
    "naam": {**_RELATIVES_NAME, "volledigeNaam": VALUE, "aanduidingNaamgebruik": TABLE},
    "geboorte": _EVENT,
    "overlijden": _EVENT,
    "nationaliteiten": {
        "type": VALUE,
        "nationaliteit": TABLE,
        "redenOpname": TABLE,
        "datumIngangGeldigheid": DATE,
    },
    "verblijfplaats": _RESIDENCE,
    "verblijfplaatsBinnenland": _RESIDENCE,
    "adressering": {
        "adresregel1": VALUE,
        "adresregel2": VALUE,
        "adresregel3": VALUE,
        "land": TABLE,
        "aanhef": VALUE,
        "aanschrijfwijze": {"naam": VALUE, "aanspreekvorm": VALUE},
        "gebruikInLopendeTekst": VALUE,
    },
    "adresseringBinnenland": {"adresregel1": VALUE, "adresregel2": VALUE},
    "immigratie": {
        "datumVestigingInNederland": DATE,
        "landVanwaarIngeschreven": TABLE,
        "vanuitVerblijfplaatsOnbekend": VALUE,
        "indicatieVestigingVanuitBuitenland": VALUE,
    },
    "europeesKiesrecht": {"aanduiding": TABLE, "einddatumUitsluiting": DATE},
    "uitsluitingKiesrecht": {"uitgeslotenVanKiesrecht": VALUE, "einddatum": DATE},
    "indicatieCurateleRegister": VALUE,
    "indicatieGezagMinderjarige": TABLE,
    "gezag": VALUE,
    "verblijfstitel": {"aanduiding": TABLE, "datumEinde": DATE, "datumIngang": DATE},
    "kinderen": _CHILD,
    "ouders": {
        **_CHILD,
        "geslacht": TABLE,
        "ouderAanduiding": VALUE,
        "datumIngangFamilierechtelijkeBetrekking": DATE,
    },
    "partners": {
        **_CHILD,
        "geslacht": TABLE,
        "soortVerbintenis": TABLE,
        "aangaanHuwelijkPartnerschap": _EVENT,
        "ontbindingHuwelijkPartnerschap": {"datum": DATE},
    },
}


def exists(path: str) -> bool:
    """Whether a person has the field."""
    node = PERSON
    for step in path.split("."):
        if step not in node:
            return False
        node = node[step]
    return True


def is_automatic(path: str) -> bool:
    """Whether the path leads to, or into, what comes unasked."""
    steps = path.split(".")
    at = next((at for at, step in enumerate(steps) if step in AUTOMATIC), None)
    return at is not None and (at == 0 or (steps[at] == "inOnderzoek" and exists(".".join(steps[:at]))))
