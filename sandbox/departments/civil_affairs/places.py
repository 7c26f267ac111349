"""Places and residences of the person lists."""

from typing import Any

from sandbox.departments.civil_affairs.categories import Entry, ListError
from sandbox.departments.civil_affairs.dates import typed
from sandbox.records import Text

_FUNCTIONS = {"W": Text("居住地址", "residential"), "B": Text("通信地址", "postal")}
_PARTS = {
    "korteStraatnaam": "11.10",
    "officieleStraatnaam": "11.15",
    "huisletter": "11.30",
    "huisnummertoevoeging": "11.40",
    "postcode": "11.60",
    "woonplaats": "11.70",
}
_BESIDE = {"to": "tegenover", "by": "bij"}
NOWHERE = "0000"
Document = dict[str, Any]


def registered_place(value: str | None) -> Document | None:
    """A municipality by its code, or a place abroad in words."""
    if value is None:
        return None
    return {"code": value} if len(value) == 4 and value.isdigit() else {"omschrijving": value}


def residence(entry: Entry, locale: str) -> Document:
    """The municipality, the residence and the address as on an envelope. Raises: ListError."""
    municipality = entry.known("09.10")
    document: Document = {"gemeenteVanInschrijving": {"code": municipality}} if municipality else {}
    document |= _date("datumInschrijvingInGemeente", entry, "09.20", locale)
    if "11.10" in entry.elements:
        return document | _address(entry, locale)
    if "12.10" in entry.elements:
        return document | _location(entry, locale)
    if "13.10" in entry.elements:
        return document | _abroad(entry, locale)
    return document


def _address(entry: Entry, locale: str) -> Document:
    parts: Document = {name: entry.known(element) for name, element in _PARTS.items()}
    parts["huisnummer"] = entry.number("11.20")
    beside = entry.known("11.50")
    if beside:
        parts["aanduidingBijHuisnummer"] = {"code": beside, "omschrijving": _BESIDE.get(beside, beside)}
    place = {
        "type": "Adres",
        **_date("datumVan", entry, "10.30", locale),
        **_function(entry, locale),
        "adresseerbaarObjectIdentificatie": entry.known("11.80"),
        "nummeraanduidingIdentificatie": entry.known("11.90"),
        "verblijfadres": _filled(parts),
    }
    return {"verblijfplaats": _filled(place)} | _envelope(_street_line(parts, beside), _town_line(parts))


def _street_line(parts: Document, beside: str | None) -> str | None:
    if not parts["korteStraatnaam"]:
        return None
    number = f"{parts['huisnummer'] or ''}{parts['huisletter'] or ''}"
    words = (parts["korteStraatnaam"], beside, number, parts["huisnummertoevoeging"])
    return " ".join(word for word in words if word)


def _town_line(parts: Document) -> str | None:
    code, town = parts["postcode"], parts["woonplaats"]
    return "  ".join(filter(None, (f"{code[:4]} {code[4:]}" if code else None, town and town.upper()))) or None


def _location(entry: Entry, locale: str) -> Document:
    words = entry.known("12.10")
    place = {
        "type": "Locatie",
        **_date("datumVan", entry, "10.30", locale),
        **_function(entry, locale),
        "verblijfadres": _filled({"locatiebeschrijving": words}),
    }
    return {"verblijfplaats": _filled(place)} | _envelope(words)


def _abroad(entry: Entry, locale: str) -> Document:
    since, country = _date("datumVan", entry, "13.20", locale), entry.elements["13.10"]
    if country == NOWHERE:
        return {"verblijfplaats": {"type": "VerblijfplaatsOnbekend", **since}}
    lines = [entry.known(f"13.{line}0") for line in (3, 4, 5)]
    address = {f"regel{at}": line for at, line in enumerate(lines, 1)} | {"land": {"code": country}}
    place = {"type": "VerblijfplaatsBuitenland", **since, "verblijfadres": _filled(address)}
    envelope = _envelope(*lines)
    envelope.setdefault("adressering", {})["land"] = {"code": country}
    return {"verblijfplaats": place} | envelope


def _envelope(*lines: str | None) -> Document:
    found = _filled({f"adresregel{at}": line for at, line in enumerate(lines, 1)})
    return {"adressering": found} if found else {}


def _function(entry: Entry, locale: str) -> Document:
    code = entry.known("10.10")
    if code is None:
        return {}
    if code not in _FUNCTIONS:
        raise ListError(f"unknown code in {entry.category}.10.10")
    return {"functieAdres": {"code": code, "omschrijving": _FUNCTIONS[code].get(locale)}}


def _date(name: str, entry: Entry, element: str, locale: str) -> Document:
    known = entry.date(element)
    return {name: typed(known, locale)} if known else {}


def _filled(values: Document) -> Document:
    return {name: value for name, value in values.items() if value not in (None, {}, "")}
