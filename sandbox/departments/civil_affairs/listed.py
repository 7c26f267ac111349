"""From a person list of the GBA to the register's document of the person."""

from datetime import date
from typing import Any

from sandbox.departments.civil_affairs.categories import Entry, ListError, PersonList
from sandbox.departments.civil_affairs.dates import age, typed
from sandbox.departments.civil_affairs.doubts import cast
from sandbox.departments.civil_affairs.places import registered_place, residence
from sandbox.records import PartialDate, Text

OLDEST = 150
_GENDERS = {"M": Text("男", "male"), "V": Text("女", "female"), "O": Text("未知", "unknown")}
_UNIONS = {"H": Text("婚姻", "marriage"), "P": Text("登记伴侣关系", "registered partnership")}
_REASONS = {
    "O": Text("死亡", "death"),
    "E": Text("移居境外", "emigration"),
    "M": Text("部级决定", "ministerial decree"),
    "R": Text("非居民登记", "list of a non-resident"),
}
_NO_NATIONALITY = {
    "0000": "NationaliteitOnbekend",
    "0002": "BehandeldAlsNederlander",
    "0499": "Staatloos",
    "0500": "VastgesteldNietNederlander",
}
_SPECIAL = {"B": "BehandeldAlsNederlander", "V": "VastgesteldNietNederlander"}
Document = dict[str, Any]


def document_of(each: PersonList, locale: str, *, today: date) -> Document:
    """The whole of a person. Raises: ListError for what the protocol cannot say."""
    person, state = each.first("01"), each.first("07")
    document: Document = {
        **_person(person, locale),
        "naam": _name(person) | _filled({"volledigeNaam": _whole_name(person)}),
        "nationaliteiten": [_nationality(entry, locale) for entry in each.current("04") if entry.has("05", "65")],
        "kinderen": [_relative(entry, locale) for entry in each.current("09") if entry.has("01", "02", "03")],
        "ouders": _parents(each, locale),
        "partners": [_partner(entry, locale) for entry in _present(each.current("05"))],
        **residence(each.first("08"), locale),
        **_filled({"overlijden": _event(each.first("06"), "08", locale), **_state(state, locale)}),
    }
    if "overlijden" not in document and state.known("67.20") != "O":
        document |= _filled({"leeftijd": _age(person.date("03.10"), today)})
    for category in ("01", "06", "08"):
        _doubt(document, each.first(category), locale)
    return document


def _person(entry: Entry, locale: str) -> Document:
    return _filled(
        {
            "aNummer": entry.known("01.10"),
            "burgerservicenummer": entry.known("01.20"),
            "geslacht": _row(entry, "04.10", _GENDERS, locale),
            "geboorte": _event(entry, "03", locale),
        }
    )


def _relative(entry: Entry, locale: str) -> Document:
    found = _person(entry, locale) | _filled({"naam": _name(entry)})
    found.pop("aNummer", None)
    _doubt(found, entry, locale)
    return found


def _parents(each: PersonList, locale: str) -> list[Document]:
    found = []
    for category, designation in (("02", "1"), ("03", "2")):
        entry = each.first(category)
        if entry.has("01", "02", "03", "04", "62"):
            since = _dated(entry.date("62.10"), locale)
            also = _filled({"datumIngangFamilierechtelijkeBetrekking": since})
            found.append(_relative(entry, locale) | {"ouderAanduiding": designation} | also)
    return found


def _present(entries: list[Entry]) -> list[Entry]:
    """The marriages that stand; when there are none, the one that was dissolved last."""
    real = [entry for entry in entries if entry.has("01", "02", "03", "06", "07", "15")]
    standing = [entry for entry in real if not entry.has("07")]
    return standing or sorted(real, key=lambda entry: entry.elements.get("07.10", ""))[-1:]


def _partner(entry: Entry, locale: str) -> Document:
    found = _person(entry, locale) | _filled(
        {
            "naam": _name(entry),
            "soortVerbintenis": _row(entry, "15.10", _UNIONS, locale),
            "aangaanHuwelijkPartnerschap": _event(entry, "06", locale),
            "ontbindingHuwelijkPartnerschap": _filled({"datum": _dated(entry.date("07.10"), locale)}),
        }
    )
    found.pop("aNummer", None)
    _doubt(found, entry, locale)
    return found


def _nationality(entry: Entry, locale: str) -> Document:
    code, special = entry.elements.get("05.10", ""), entry.elements.get("65.10", "")
    kind = _SPECIAL.get(special) or _NO_NATIONALITY.get(code)
    found: Document = {"type": kind} if kind else {"type": "Nationaliteit", "nationaliteit": {"code": code}}
    found |= _filled({"datumIngangGeldigheid": _dated(entry.date("85.10"), locale)})
    _doubt(found, entry, locale)
    return found


def _state(entry: Entry, locale: str) -> Document:
    reason = _row(entry, "67.20", _REASONS, locale)
    suspension = {"reden": reason, **_filled({"datum": _dated(entry.date("67.10"), locale)})} if reason else None
    secrecy = entry.elements.get("70.10", "0")
    if secrecy not in set("01234567"):
        raise ListError("unknown code in 07.70.10")
    return {"opschortingBijhouding": suspension, "geheimhoudingPersoonsgegevens": secrecy != "0" or None}


def _name(entry: Entry) -> Document:
    names = {"voornamen": "02.10", "voorvoegsel": "02.30", "geslachtsnaam": "02.40"}
    found = _filled({name: entry.known(element) for name, element in names.items()})
    title = entry.known("02.20")
    return found | ({"adellijkeTitelPredicaat": {"code": title}} if title else {})


def _whole_name(entry: Entry) -> str | None:
    """Without the title, whose words are in a table that the file does not have."""
    return " ".join(filter(None, (entry.known(element) for element in ("02.10", "02.30", "02.40")))) or None


def _event(entry: Entry, group: str, locale: str) -> Document:
    land = entry.known(f"{group}.30")
    return _filled(
        {
            "datum": _dated(entry.date(f"{group}.10"), locale),
            "plaats": registered_place(entry.known(f"{group}.20")),
            "land": {"code": land} if land else None,
        }
    )


def _doubt(document: Document, entry: Entry, locale: str) -> None:
    """The shadows of an investigation that has not ended."""
    code = entry.elements.get("83.10")
    if code is None or "83.30" in entry.elements:
        return
    if len(code) != 6 or not code.isdigit():
        raise ListError(f"no element under investigation in {entry.category}.83.10")
    if code.startswith(entry.category):
        cast(document, code, _dated(entry.date("83.20"), locale))


def _row(entry: Entry, element: str, table: dict[str, Text], locale: str) -> Document | None:
    code = entry.elements.get(element)
    if code in {None, "."}:
        return None
    if code not in table:
        raise ListError(f"unknown code in {entry.category}.{element}")
    return {"code": code, "omschrijving": table[code].get(locale)}


def _age(born: PartialDate | None, today: date) -> int | None:
    years = age(born, today) if born else None
    return years if years is not None and 0 <= years <= OLDEST else None


def _dated(known: PartialDate | None, locale: str) -> dict[str, object] | None:
    return typed(known, locale) if known else None


def _filled(values: Document) -> Document:
    return {name: value for name, value in values.items() if value not in (None, {})}
