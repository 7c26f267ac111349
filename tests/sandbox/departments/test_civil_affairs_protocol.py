"""The register keeps its contract: what it refuses, in which words, and what it gives of a record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.city import build_city
from sandbox.departments.civil_affairs.odd import choose_odd
from sandbox.launch import SandboxCity
from sandbox.personas import CONFIDENTIAL, UNDER_INVESTIGATION

RAADPLEEG = "RaadpleegMetBurgerservicenummer"
CITY = build_city()
RESIDENT = CITY.personas["resident"].id


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    content: Any


class Client:
    """Sends exactly the headers that it is given: an accept header of its own would hide what the server does."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc

    def post(self, content: object, **headers: str) -> Answer:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.send("POST", "/personen", body, headers)

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        connection = HTTPConnection(self._host, timeout=10)
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        connection.request(method, path, body, named)
        with connection.getresponse() as response:
            found = Answer(response.status, dict(response.headers.items()), json.loads(response.read()))
        connection.close()
        return found


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with SandboxCity(departments=["civil_affairs"]) as city:
        yield Client(city.addresses["civil_affairs"])


def query(**changes: Any) -> dict[str, Any]:
    body = {"type": RAADPLEEG, "burgerservicenummer": [RESIDENT], "fields": ["burgerservicenummer"], **changes}
    return {name: value for name, value in body.items() if value is not None}


@pytest.mark.parametrize(
    ("body", "code", "wrong"),
    [
        ({}, "paramsValidation", [("type", "required")]),
        (query(type="Raadpleeg"), "paramsValidation", [("type", "value")]),
        (query(type=7), "paramsValidation", [("type", "value")]),
        (query(fields=None), "paramsCombination", [("fields", "required")]),
        (
            query(fields=None, burgerservicenummer=None),
            "paramsCombination",
            [("burgerservicenummer", "required"), ("fields", "required")],
        ),
        (query(fields=[]), "paramsValidation", [("fields", "minItems")]),
        (query(fields="naam,geslacht"), "paramsValidation", [("fields", "array")]),
        (query(fields=["naam"] * 131), "paramsValidation", [("fields", "maxItems")]),
        (query(fields=["naam", "bestaatNiet"]), "paramsValidation", [("fields[1]", "fields")]),
        (query(fields=["naam.inOnderzoek"]), "paramsValidation", [("fields[0]", "fields")]),
        (query(fields=["opschortingBijhouding.reden"]), "paramsValidation", [("fields[0]", "fields")]),
        (
            query(fields=["naam..x", "na am", 7]),
            "paramsValidation",
            [("fields[0]", "fields"), ("fields[1]", "pattern"), ("fields[2]", "pattern")],
        ),
        (query(burgerservicenummer=[]), "paramsValidation", [("burgerservicenummer", "minItems")]),
        (query(burgerservicenummer=RESIDENT), "paramsValidation", [("burgerservicenummer", "array")]),
        (query(burgerservicenummer=[RESIDENT] * 21), "paramsValidation", [("burgerservicenummer", "maxItems")]),
        (
            query(burgerservicenummer=["1234567890", RESIDENT, "１２３４５６７８９"]),
            "paramsValidation",
            [("burgerservicenummer[0]", "pattern"), ("burgerservicenummer[2]", "pattern")],
        ),
        (query(gemeenteVanInschrijving="123"), "paramsValidation", [("gemeenteVanInschrijving", "pattern")]),
        (query(voornamen="Jan"), "paramsValidation", [("voornamen", "unknownParam")]),
        (
            query(fields=None, voornamen="Jan"),
            "paramsValidation",
            [("fields", "required"), ("voornamen", "unknownParam")],
        ),
    ],
)
def test_everything_wrong_is_told_at_once(
    client: Client, body: dict[str, Any], code: str, wrong: list[tuple[str, str]]
) -> None:
    answer = client.post(body)
    said = answer.content
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (said["status"], said["code"], said["instance"]) == (400, code, "/personen")
    assert [(each["name"], each["code"]) for each in said["invalidParams"]] == wrong
    assert all(name in said["detail"] for name, _ in wrong)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    answer = client.post(body)
    assert (answer.status, answer.content["code"]) == (400, "paramsValidation")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"accept": "*/*"}, 200),
        ({"accept": "application/json;charset=UTF-8"}, 200),
        ({"accept": "text/html, application/json"}, 200),
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"accept": "application/xml"}, 406),
        ({"accept": "application/json; charset=iso-8859-1"}, 406),
        ({"content-type": "application/xml"}, 415),
        ({"content-type": "application/json; charset=iso-8859-1"}, 415),
        ({"content-type": "*/*"}, 415),
        ({"x-api-key": "wrong"}, 401),
        ({"x-api-key": "sandbox-city"}, 200),
    ],
)
def test_headers_are_negotiated(client: Client, headers: dict[str, str], status: int) -> None:
    assert client.post(query(), **headers).status == status


def test_other_kinds_of_query_are_not_for_the_city(client: Client) -> None:
    answer = client.post({"type": "ZoekMetPostcodeEnHuisnummer", "postcode": "3077AW"})
    assert (answer.status, answer.content["code"]) == (403, "unauthorizedParameter")


def test_there_is_one_address(client: Client) -> None:
    answer = client.send("GET", "/persons")
    assert (answer.status, answer.content["code"]) == (404, "notFound")


def person(client: Client, number: str, *fields: str) -> dict[str, Any]:
    (found,) = client.post(query(burgerservicenummer=[number], fields=list(fields))).content["personen"]
    assert isinstance(found, dict)
    return found


def test_one_field_of_a_date_or_of_a_row_gives_all_of_it(client: Client) -> None:
    found = person(client, RESIDENT, "geboorte.datum.jaar", "geslacht.code")
    assert found == {
        "geboorte": {"datum": {"type": "Datum", "datum": "1968-10-01", "langFormaat": "1 October 1968"}},
        "geslacht": {"code": "M", "omschrijving": "male"},
    }


def test_a_residence_has_its_type_and_a_child_without_the_value_stays(client: Client) -> None:
    found = person(client, RESIDENT, "verblijfplaats.verblijfadres.land", "kinderen.naam.voorvoegsel")
    assert found == {"verblijfplaats": {"type": "Adres"}, "kinderen": [{}]}


def test_the_alias_gives_the_residence_of_those_who_live_here(client: Client) -> None:
    found = person(
        client, RESIDENT, "verblijfplaatsBinnenland.verblijfadres.postcode", "adresseringBinnenland.adresregel2"
    )
    assert found["verblijfplaats"] == {"type": "Adres", "verblijfadres": {"postcode": "430074"}}
    assert found["adressering"] == {"adresregel2": "430074 Wuhan"}


def test_the_alias_gives_nothing_of_those_who_live_abroad(client: Client) -> None:
    (emigrant,) = [number for number, odd in choose_odd(CITY).items() if odd.emigrated_on]
    found = person(client, emigrant, "verblijfplaatsBinnenland", "adresseringBinnenland.adresregel1")
    assert found.keys() == {"opschortingBijhouding"}
    assert person(client, emigrant, "verblijfplaats.type")["verblijfplaats"] == {"type": "VerblijfplaatsBuitenland"}


def test_a_part_of_a_path_is_not_the_path(client: Client) -> None:
    assert person(client, RESIDENT, "naam.voornamen") == {"naam": {"voornamen": "Jianguo"}}


def test_the_municipality_narrows(client: Client) -> None:
    answer = client.post(query(gemeenteVanInschrijving="0518"))
    assert answer.content == {"type": RAADPLEEG, "personen": []}


def test_secrecy_comes_unasked_and_doubts_only_beside_what_was_asked(client: Client) -> None:
    assert person(client, CONFIDENTIAL, "burgerservicenummer")["geheimhoudingPersoonsgegevens"] is True
    found = person(client, UNDER_INVESTIGATION, "geboorte.datum", "naam.voornamen", "verblijfplaats.datumVan")
    assert found["geboorte"]["inOnderzoek"].keys() == {"datum", "datumIngangOnderzoek"}
    assert "inOnderzoek" not in found and "inOnderzoek" not in found["naam"]
    assert found["verblijfplaats"]["inOnderzoek"].keys() == {"type", "datumIngangOnderzoek"}
    asked_age = person(client, UNDER_INVESTIGATION, "leeftijd")["inOnderzoek"]
    assert asked_age.keys() == {"leeftijd", "datumIngangOnderzoekPersoon"}


def test_a_person_asked_for_twice_is_given_once(client: Client) -> None:
    assert len(client.post(query(burgerservicenummer=[RESIDENT] * 2)).content["personen"]) == 1
