"""The city's people as the register has them: a whole document for each, in the reader's language."""

from datetime import date
from typing import Any

from sandbox.city import City
from sandbox.departments.civil_affairs.dates import age, typed
from sandbox.departments.civil_affairs.doubts import cast
from sandbox.departments.civil_affairs.odd import DIVORCED, Odd, choose_odd
from sandbox.records import Gender, PartialDate, Person, Text

CHINA = ("156", Text("中国", "China"))
CHINESE = ("156", Text("中国", "Chinese"))
WUHAN = Text("武汉市", "Wuhan")
_GENDERS = {Gender.MALE: ("M", Text("男", "male")), Gender.FEMALE: ("V", Text("女", "female"))}
_REASONS = {"O": Text("死亡", "death"), "E": Text("移居境外", "emigration")}
_INVESTIGATED = {"birth": "010300", "address": "081100"}
"""What a resident's `under_investigation` names, as elements of the lists."""
_SINCE = date(2026, 1, 5)


class Residents:
    """Documents of the city's people."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._divisions = {division.code: division for division in city.divisions}
        self._odd = choose_odd(city)

    @property
    def numbers(self) -> list[str]:
        """Everybody who is registered."""
        return list(self._city.persons)

    def document(self, number: str, locale: str) -> dict[str, Any] | None:
        """The whole of a person; None for a number that nobody has."""
        person = self._city.persons.get(number)
        if person is None:
            return None
        odd = self._odd.get(number, Odd())
        document = {
            "burgerservicenummer": number,
            "geslacht": _row(*_GENDERS[person.gender], locale),
            "naam": self._name(person, locale) | {"volledigeNaam": person.name.get(locale)},
            "geboorte": self._birth(person, locale),
            "nationaliteiten": [odd.nationality] if odd.nationality else [_chinese(locale)],
            **self._residence(person, odd, locale),
            "kinderen": [self._relative(each, locale) for each in person.children],
            "ouders": [self._relative(each, locale) for each in person.parents],
            "partners": self._partners(person, odd, locale),
            **self._state(person, odd, locale),
        }
        years = None if person.died else age(person.birth, self._city.today)
        document |= {} if years is None else {"leeftijd": years}
        for name in person.under_investigation:
            cast(document, _INVESTIGATED[name], typed(_SINCE, locale))
        return document

    def _name(self, person: Person, locale: str) -> dict[str, Any]:
        return {"voornamen": person.given.get(locale), "geslachtsnaam": person.surname.get(locale)}

    def _birth(self, person: Person, locale: str) -> dict[str, Any]:
        return {
            "datum": typed(person.birth, locale),
            "plaats": {"omschrijving": person.birth_place.get(locale)},
            "land": _row(*CHINA, locale),
        }

    def _relative(self, number: str, locale: str) -> dict[str, Any]:
        person = self._city.persons[number]
        return {
            "burgerservicenummer": number,
            "geslacht": _row(*_GENDERS[person.gender], locale),
            "naam": self._name(person, locale),
            "geboorte": self._birth(person, locale),
        }

    def _partners(self, person: Person, odd: Odd, locale: str) -> list[dict[str, Any]]:
        if person.marriage:
            partner = self._relative(person.marriage.partner, locale)
            began = _event(person.marriage.since, person.marriage.place, locale)
            return [partner | {"soortVerbintenis": _row("H", Text("婚姻", "marriage"), locale)} | {_BEGAN: began}]
        if odd.divorced_from:
            ended = {"datum": typed(DIVORCED, locale)}
            return [self._relative(odd.divorced_from, locale) | {"ontbindingHuwelijkPartnerschap": ended}]
        return []

    def _residence(self, person: Person, odd: Odd, locale: str) -> dict[str, Any]:
        community = self._divisions[person.address.community]
        registered = {"gemeenteVanInschrijving": {"code": community.code, "omschrijving": community.name.get(locale)}}
        if odd.residence:
            return registered | odd.residence(locale)
        address = person.address
        line = address.text.get(locale)
        return registered | {
            "verblijfplaats": {
                "type": "Adres",
                "datumVan": typed(person.resident_since, locale),
                "functieAdres": _row("W", Text("居住地址", "residential"), locale),
                "verblijfadres": {
                    "officieleStraatnaam": address.street.get(locale),
                    "korteStraatnaam": address.street.get(locale),
                    "huisnummer": address.number,
                    "huisnummertoevoeging": address.room,
                    "postcode": address.postcode,
                    "woonplaats": WUHAN.get(locale),
                },
            },
            "adressering": {"adresregel1": line, "adresregel2": f"{address.postcode} {WUHAN.get(locale)}"},
        }

    def _state(self, person: Person, odd: Odd, locale: str) -> dict[str, Any]:
        state: dict[str, Any] = {"geheimhoudingPersoonsgegevens": True} if person.secret else {}
        if person.died:
            state["overlijden"] = _event(person.died, WUHAN, locale)
            state["opschortingBijhouding"] = _suspension("O", person.died, locale)
        elif odd.emigrated_on:
            state["opschortingBijhouding"] = _suspension("E", odd.emigrated_on, locale)
        return state


_BEGAN = "aangaanHuwelijkPartnerschap"


def _row(code: str, name: Text, locale: str) -> dict[str, str]:
    return {"code": code, "omschrijving": name.get(locale)}


def _event(day: date, place: Text, locale: str) -> dict[str, Any]:
    return {"datum": typed(day, locale), "plaats": {"omschrijving": place.get(locale)}, "land": _row(*CHINA, locale)}


def _suspension(code: str, day: date | PartialDate, locale: str) -> dict[str, Any]:
    return {"reden": _row(code, _REASONS[code], locale), "datum": typed(day, locale)}


def _chinese(locale: str) -> dict[str, Any]:
    return {"type": "Nationaliteit", "nationaliteit": _row(*CHINESE, locale)}
