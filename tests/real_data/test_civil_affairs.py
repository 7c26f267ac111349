"""The BRP test set of person lists, served by the server and read by the adapter; and the published contract."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import AdapterError, BadReply, QuotaExceeded, Rejected, Unauthorised, Unavailable
from adapters.contract.ports.civil_affairs import Gender, Person, SuspensionReason
from adapters.contract.records import PersonId, Precision
from adapters.contract.transport import Reply
from adapters.departments.civil_affairs.adapter import CivilAffairs
from adapters.products.brp.failures import failure
from adapters.products.brp.wire import MOST_NUMBERS
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import build_city
from sandbox.departments.civil_affairs.query import FIELD, MOST, MUNICIPALITY, NUMBER
from sandbox.departments.civil_affairs.schema import AUTOMATIC, PERSON, Tree
from sandbox.launch import SandboxCity
from tests.sandbox.departments.test_civil_affairs import EVERYTHING, NAME, bureau_with, calling

pytestmark = pytest.mark.real_data
DATA = os.environ.get("CITYGATE_DATA")
FOLDER = "nl_brp"
REFUSED = {
    "citizen service number of two lists (01.01.20)": 10,
    "no citizen service number (01.01.20)": 1,
    "wiped from the register (07.67.20)": 1,
    "no element under investigation in 04.83.10": 3,
    "impossible date in 01.03.10": 1,
    "impossible date in 02.03.10": 1,
    "impossible date in 03.03.10": 1,
    "impossible date in 05.07.10": 1,
    "impossible date in 06.08.10": 1,
    "impossible date in 07.67.10": 1,
}
LISTS, SERVED = 687, 666


@pytest.fixture(scope="module")
def data() -> Path:
    if not DATA:
        pytest.skip("CITYGATE_DATA names no folder of public data")
    return Path(DATA)


@pytest.fixture(scope="module")
def first_rows(data: Path) -> list[Mapping[str, str]]:
    """What holds now of each list, read apart from the server's reader."""
    path = data / FOLDER / "testset_persoonslijsten_GBA-V.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    columns = {name: at for at, name in reversed(list(enumerate(header)))}
    return [{name: row[at].strip() for name, at in columns.items()} for row in rows if row[0]]


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME], data=data) as city:
        yield city


@pytest.fixture
async def found(running: SandboxCity, first_rows: list[Mapping[str, str]]) -> Mapping[PersonId, Person]:
    """Everybody of the file, whole, through the adapter and over a socket."""
    calling()
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        bureau: CivilAffairs = bureau_with(transport, name_order="given_first")
        numbers = [PersonId(row["01.01.20"]) for row in first_rows]
        return await bureau.by_id(numbers, EVERYTHING)


async def test_every_list_is_served_or_refused_by_name(running: SandboxCity) -> None:
    async with aiohttp.ClientSession(running.addresses[NAME]) as client, client.get("/_sandbox/seed") as answer:
        report = await answer.json()
    assert report["refused"] == REFUSED
    assert report["served"] == SERVED == LISTS - sum(REFUSED.values())
    assert [source["lists"] for source in report["sources"].values()] == [LISTS]


def test_the_file_is_the_one_that_is_counted(first_rows: list[Mapping[str, str]]) -> None:
    assert len(first_rows) == LISTS
    numbers = Counter(row["01.01.20"] for row in first_rows if row["01.01.20"])
    assert sum(count for count in numbers.values() if count > 1) == 10
    assert len([number for number in numbers if len(number) != 9]) == 0


def test_everybody_who_is_served_is_mapped(found: Mapping[PersonId, Person]) -> None:
    assert len(found) == SERVED
    people = found.values()
    dates = Counter(each.birth.date.precision for each in people if each.birth and each.birth.date)
    assert dates == {Precision.DAY: 656, Precision.MONTH: 4, Precision.YEAR: 3, Precision.UNKNOWN: 2}
    assert Counter(each.suspension for each in people if each.suspension) == {
        SuspensionReason.EMIGRATED: 56,
        SuspensionReason.DECEASED: 20,
        SuspensionReason.OTHER: 19,
        SuspensionReason.MINISTERIAL_DECREE: 1,
    }
    assert sum(each.deceased_on is not None for each in people) == 20
    assert sum(each.secret for each in people) == 44
    assert sum(bool(each.under_investigation) for each in people) == 31
    assert sum(len(each.children) for each in people) == 477
    assert sum(len(each.parents) for each in people) == 1182
    assert sum(len(each.marriages) for each in people) == 214
    print(f"{SERVED} of {LISTS} lists served and mapped; refused: {REFUSED}")


def test_each_person_is_as_the_file_has_them(
    found: Mapping[PersonId, Person], first_rows: list[Mapping[str, str]]
) -> None:
    genders = {"M": Gender.MALE, "V": Gender.FEMALE, "O": Gender.UNKNOWN, "": None}
    compared = 0
    for row in first_rows:
        person = found.get(PersonId(row["01.01.20"]))
        if person is None:
            continue
        compared += 1
        assert (person.name.given if person.name else None) == known(row["01.02.10"])
        assert person.gender is genders[row["01.04.10"]]
        assert kept(person.birth and person.birth.date) == row["01.03.10"]
        assert kept(person.deceased_on) == row["06.08.10"]
        assert person.secret is (row["07.70.10"] not in {"", "0"})
        assert (person.suspension is not None) is bool(row["07.67.20"])
        if row["08.11.70"] and person.residence and person.residence.address:
            assert row["08.11.70"].upper() in person.residence.address.lines[-1]
    assert compared == SERVED


def kept(date: Any) -> str:
    """A partial date in the file's form."""
    return "" if date is None else (date.value or "").replace("-", "").ljust(8, "0")


def known(text: str) -> str | None:
    """A point stands for a value that nobody knows."""
    return text if text not in {"", "."} else None


async def test_a_persona_is_a_person_of_the_file(data: Path, found: Mapping[PersonId, Person]) -> None:
    city = build_city(data=data)
    names = {found[PersonId(persona.id)].name for persona in city.personas.values()}
    assert len(names - {None}) == len(city.personas)


@pytest.fixture(scope="module")
def contract(data: Path) -> dict[str, Any]:
    contract: dict[str, Any] = json.loads((data / FOLDER / "openapi.json").read_text("utf-8"))["components"]
    return contract


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Unauthorised),
        (403, Unauthorised),
        (406, BadReply),
        (415, BadReply),
        (429, QuotaExceeded),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_published_failure_is_an_error(contract: dict[str, Any], status: int, kind: type[AdapterError]) -> None:
    example = contract["responses"][str(status)]["content"]["application/problem+json"]["example"]
    calling()
    error = failure(Reply(status=status, headers={}, body=json.dumps(example).encode()))
    assert type(error) is kind
    assert error.wire_code == example["code"]
    assert [each.path for each in getattr(error, "problems", ())] == [
        (wrong["name"],) for wrong in example.get("invalidParams", ())
    ]


def test_the_limits_are_the_contracts(contract: dict[str, Any]) -> None:
    schemas = contract["schemas"]
    numbers = schemas["RaadpleegMetBurgerservicenummer"]["allOf"][1]["properties"]["burgerservicenummer"]
    assert numbers["maxItems"] == MOST_NUMBERS == MOST["burgerservicenummer"]
    assert schemas["PersonenQuery"]["properties"]["fields"]["maxItems"] == MOST["fields"]
    assert schemas["Burgerservicenummer"]["pattern"] == NUMBER
    assert schemas["GemeenteVanInschrijving"]["pattern"] == MUNICIPALITY
    assert schemas["Field"]["pattern"] == FIELD


def test_the_servers_fields_are_the_contracts(contract: dict[str, Any]) -> None:
    schemas = contract["schemas"]
    aliases = {"verblijfplaatsBinnenland", "adresseringBinnenland"}
    published = set(paths(tree_of(schemas, schemas["Persoon"])))
    ours = {path for path in paths(PERSON) if path.partition(".")[0] not in aliases}
    assert ours - published == set()
    more = {path for path in published - ours if not path.startswith("gezag.")}
    # This one comes with a residence; the register's own list of paths does not have it.
    assert {path.rpartition(".")[2] for path in more} == {"indicatieVastgesteldVerblijftNietOpAdres"}


def tree_of(schemas: dict[str, Any], schema: dict[str, Any]) -> Tree:
    """The properties of a schema with those of all that it may be, without what comes unasked."""
    if "$ref" in schema:
        return tree_of(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    if schema.get("type") == "array":
        return tree_of(schemas, schema["items"])
    kinds = [{"$ref": ref} for ref in schema.get("discriminator", {}).get("mapping", {}).values()]
    tree: dict[str, Tree] = {}
    for part in schema.get("allOf", []):
        inherited = {name: value for name, value in resolved(schemas, part).items() if name != "discriminator"}
        merge(tree, tree_of(schemas, inherited))
    for kind in kinds:
        merge(tree, tree_of(schemas, kind))
    for name, value in schema.get("properties", {}).items():
        if name not in AUTOMATIC:
            merge(tree, {name: tree_of(schemas, value)})
    return tree


def resolved(schemas: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def merge(into: dict[str, Tree], more: Tree) -> None:
    for name, below in more.items():
        merged = dict(into.get(name, {}))
        merge(merged, below)
        into[name] = merged


def paths(tree: Tree, above: str = "") -> Iterator[str]:
    for name, below in tree.items():
        yield f"{above}{name}"
        yield from paths(below, f"{above}{name}.")
