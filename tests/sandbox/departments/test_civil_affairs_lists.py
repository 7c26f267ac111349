"""Person lists become documents: what holds now, what is unknown, what is doubted, and what cannot be served."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.departments.civil_affairs.dates import age, read_date, typed
from sandbox.departments.civil_affairs.filtering import answered
from sandbox.departments.civil_affairs.lists import Lists
from sandbox.real.persons import TEST_SET
from sandbox.records import PartialDate

TODAY = date(2026, 3, 2)
NUMBER = "100000011"
ELEMENTS = {
    "01": "01.10 01.20 02.10 02.20 02.30 02.40 03.10 03.20 03.30 04.10 83.10 83.20 83.30 H",
    "02": "01.20 02.10 02.30 02.40 03.10 03.20 03.30 04.10 62.10 81.10 83.10 83.20 83.30 H",
    "03": "01.20 02.10 02.30 02.40 03.10 03.20 03.30 04.10 62.10 83.10 83.20 83.30 H",
    "04": "05.10 65.10 83.10 83.20 83.30 85.10 H",
    "05": "01.20 02.10 02.30 02.40 03.10 04.10 06.10 06.20 06.30 07.10 15.10 83.10 83.20 83.30 H",
    "06": "08.10 08.20 08.30 83.10 83.20 83.30 H",
    "07": "67.10 67.20 70.10 H",
    "08": "09.10 09.20 10.10 10.30 11.10 11.20 11.60 11.70 12.10 13.10 13.20 13.30 13.40 83.10 83.20 83.30 H",
    "09": "01.20 02.10 02.30 02.40 03.10 83.10 83.20 83.30 H",
}
HEADER = ["", *(f"{category}.{each}" for category, names in ELEMENTS.items() for each in names.split())]
Register = Callable[..., Lists]


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """A register of lists, each given by its rows; the first row of each has a number unless it says another."""

    def build(*lists: list[dict[str, str]]) -> Lists:
        path = tmp_path / TEST_SET
        path.parent.mkdir()
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, HEADER, delimiter=";")
            writer.writeheader()
            for at, rows in enumerate(lists):
                first, *more = rows
                writer.writerow({"": f"Lg{at}", "01.01.20": str(int(NUMBER) + at), "07.70.10": "0", **first})
                writer.writerows(more)
        return Lists(tmp_path, TODAY)

    return build


def only(register: Lists) -> dict[str, Any]:
    found = register.document(NUMBER, "en")
    assert found, register.report()
    return found


def test_a_next_row_is_another_entry_or_history_as_the_row_before_says(register: Register) -> None:
    child = "09.02.10"
    found = only(
        register(
            [
                {child: "Now", "09.H": "59", "04.05.10": "0057", "04.H": "04"},
                {child: "Before", "09.H": "09", "04.05.10": "0499", "04.H": "54"},
                {child: "Other", "09.H": "09", "04.05.10": "0052"},
                {child: "", "09.H": "59"},
                {child: "Gone"},
                {child: "After the end"},
            ]
        )
    )
    assert [each["naam"]["voornamen"] for each in found["kinderen"]] == ["Now", "Other"]
    assert [each["type"] for each in found["nationaliteiten"]] == ["Nationaliteit", "Staatloos"]


def test_what_is_known_to_be_unknown_is_not_given(register: Register) -> None:
    found = only(
        register(
            [
                {
                    "01.02.40": ".",
                    "01.03.10": "00000000",
                    "01.03.20": "0000",
                    "08.11.10": ".",
                    "08.11.20": "0",
                    "09.02.40": ".",
                }
            ]
        )
    )
    assert found["naam"] == {}
    assert found["geboorte"].keys() == {"datum"}
    assert found["verblijfplaats"] == {"type": "Adres"}
    assert "adressering" not in found and "leeftijd" not in found
    assert found["kinderen"] == [{}]


def test_a_nationality_that_ended_is_not_given_and_the_special_ones_have_types(register: Register) -> None:
    special = ["0002", "0500", "0000"]
    rows = [{"04.85.10": "20150131", "04.H": "54"}, {"04.05.10": "0052", "04.H": "04"}]
    rows += [{"04.05.10": code, "04.H": "04"} for code in special] + [
        {"04.65.10": "V", "04.H": "04"},
        {"04.65.10": "B"},
    ]
    assert [each["type"] for each in only(register(rows))["nationaliteiten"]] == [
        "BehandeldAlsNederlander",
        "VastgesteldNietNederlander",
        "NationaliteitOnbekend",
        "VastgesteldNietNederlander",
        "BehandeldAlsNederlander",
    ]


def test_the_marriage_that_stands_or_else_the_last_one(register: Register) -> None:
    ended = {"05.02.10": "First", "05.07.10": "20010101", "05.H": "05"}
    later = {"05.02.10": "Second", "05.07.10": "20090101", "05.H": "05"}
    standing = {"05.02.10": "Third", "05.06.10": "20100000", "05.15.10": "P"}
    documents = register([ended, later, standing], [later, {"05.02.10": "First", "05.07.10": "20010101"}])
    names = [
        [each["naam"]["voornamen"] for each in (documents.document(number, "en") or {})["partners"]]
        for number in documents.numbers
    ]
    assert names == [["Third"], ["Second"]]


def test_parents_have_their_place_and_one_of_whom_nothing_is_known_is_none(register: Register) -> None:
    found = only(register([{"02.81.10": "0599", "03.02.40": "Berg", "03.02.30": "van den", "03.62.10": "19850000"}]))
    assert [(each["ouderAanduiding"], each["naam"]) for each in found["ouders"]] == [
        ("2", {"voorvoegsel": "van den", "geslachtsnaam": "Berg"})
    ]
    assert found["ouders"][0]["datumIngangFamilierechtelijkeBetrekking"]["type"] == "JaarDatum"


@pytest.mark.parametrize(
    ("row", "kind", "envelope"),
    [
        (
            {
                "08.11.10": "Spui",
                "08.11.20": "70",
                "08.11.60": "2511BT",
                "08.11.70": "Den Haag",
                "08.10.30": "20150800",
            },
            "Adres",
            {"adresregel1": "Spui 70", "adresregel2": "2511 BT  DEN HAAG"},
        ),
        ({"08.12.10": "Houseboat"}, "Locatie", {"adresregel1": "Houseboat"}),
        (
            {"08.13.10": "6014", "08.13.30": "1 Main Street", "08.13.40": "Boston"},
            "VerblijfplaatsBuitenland",
            {"adresregel1": "1 Main Street", "adresregel2": "Boston", "land": {"code": "6014"}},
        ),
        ({"08.13.10": "0000", "08.13.20": "00000000"}, "VerblijfplaatsOnbekend", None),
        ({"08.09.10": "0518"}, None, None),
    ],
)
def test_a_residence_is_of_one_of_four_kinds(
    register: Register, row: dict[str, str], kind: str | None, envelope: dict[str, Any] | None
) -> None:
    found = only(register([row]))
    assert found.get("verblijfplaats", {}).get("type") == kind
    assert found.get("adressering") == envelope


def test_an_investigation_casts_its_shadow_until_it_ends(register: Register) -> None:
    birth = {"01.03.10": "19850312", "01.02.40": "Berg", "01.04.10": "V"}
    lists = register(
        [birth | {"01.83.10": "010300", "01.83.20": "20200101"}],
        [birth | {"01.83.10": "010300", "01.83.20": "20200101", "01.83.30": "20210101"}],
        [birth | {"01.83.10": "010000"}],
        [{"08.11.10": "Spui", "08.11.60": "2511BT", "08.83.10": "081160", "08.83.20": "20200000"}],
        [{"08.11.10": "Spui", "08.83.10": "581100"}],
        [{"09.02.40": "Berg", "09.83.10": "090200", "09.83.20": "20200101"}],
    )
    group, ended, category, postcode, history, child = (lists.document(number, "en") or {} for number in lists.numbers)
    assert group["geboorte"]["inOnderzoek"].keys() == {"datum", "plaats", "land", "datumIngangOnderzoek"}
    assert group["inOnderzoek"].keys() == {"leeftijd", "datumIngangOnderzoekPersoon"}
    assert "inOnderzoek" not in group["naam"]
    assert "inOnderzoek" not in ended["geboorte"] and "inOnderzoek" not in ended
    assert category["inOnderzoek"].keys() == {"burgerservicenummer", "geslacht", "leeftijd"}
    assert category["naam"]["inOnderzoek"]["volledigeNaam"] is True
    assert postcode["verblijfplaats"]["verblijfadres"]["inOnderzoek"].keys() == {"postcode", "datumIngangOnderzoek"}
    assert postcode["adressering"]["inOnderzoek"].keys() == {"adresregel2", "datumIngangOnderzoekVerblijfplaats"}
    assert "inOnderzoek" not in history["verblijfplaats"]
    assert child["kinderen"][0]["naam"]["inOnderzoek"]["geslachtsnaam"] is True
    assert "inOnderzoek" not in child["naam"]


def test_each_part_of_a_record_has_its_own_investigation(register: Register) -> None:
    row = {"01.04.10": "V", "01.83.10": "010400", "01.83.20": "20200101", "08.09.10": "0518", "08.09.20": "20100101"}
    found = only(register([row | {"08.83.10": "080900", "08.83.20": "20210000"}]))
    assert answered(found, ["geslacht"])["inOnderzoek"].keys() == {"geslacht", "datumIngangOnderzoekPersoon"}
    municipality = answered(found, ["datumInschrijvingInGemeente"])["inOnderzoek"]
    assert municipality.keys() == {"datumInschrijvingInGemeente", "datumIngangOnderzoekGemeente"}
    assert municipality["datumIngangOnderzoekGemeente"]["type"] == "JaarDatum"


def test_an_investigation_of_another_category_casts_no_shadow(register: Register) -> None:
    found = only(register([{"09.02.40": "Berg", "09.83.10": "010200", "04.05.10": "0057", "04.83.10": "040510"}]))
    assert found["kinderen"] == [{"naam": {"geslachtsnaam": "Berg"}}]
    assert found["nationaliteiten"][0]["inOnderzoek"] == {"type": True, "nationaliteit": True}


def test_why_a_list_is_not_served(register: Register) -> None:
    twice = {"01.01.20": "100000099"}
    report = register(
        [{}],
        [{"01.01.20": ""}],
        [twice],
        [twice],
        [{"07.67.20": "W"}],
        [{"07.67.20": "F"}],
        [{"01.03.10": "19660013"}],
        [{"06.08.10": "05"}],
        [{"09.03.10": "19850230"}],
        [{"04.05.10": "0057", "04.83.10": "PK"}],
        [{"01.04.10": "X"}],
        [{"07.70.10": "8"}],
        [{"08.11.10": "Spui", "08.11.20": "12a"}],
    ).report()
    assert report["served"] == 1
    assert report["refused"] == {
        "no citizen service number (01.01.20)": 1,
        "citizen service number of two lists (01.01.20)": 2,
        "wiped from the register (07.67.20)": 1,
        "closed as an error (07.67.20)": 1,
        "impossible date in 01.03.10": 1,
        "impossible date in 06.08.10": 1,
        "impossible date in 09.03.10": 1,
        "no element under investigation in 04.83.10": 1,
        "unknown code in 01.04.10": 1,
        "unknown code in 07.70.10": 1,
        "no number in 08.11.20": 1,
    }


def test_the_state_of_a_list(register: Register) -> None:
    dead = {"07.67.20": "O", "07.67.10": "20200308", "06.08.10": "20200308", "01.03.10": "19500101", "07.70.10": "7"}
    found = only(register([dead]))
    assert found["opschortingBijhouding"]["reden"] == {"code": "O", "omschrijving": "death"}
    assert found["overlijden"]["datum"]["datum"] == "2020-03-08"
    assert found["geheimhoudingPersoonsgegevens"] is True
    assert "leeftijd" not in found


@pytest.mark.parametrize(
    ("kept", "answered"),
    [
        ("19850312", {"type": "Datum", "datum": "1985-03-12", "langFormaat": "12 March 1985"}),
        ("19850300", {"type": "JaarMaandDatum", "jaar": 1985, "maand": 3, "langFormaat": "March 1985"}),
        ("19850000", {"type": "JaarDatum", "jaar": 1985, "langFormaat": "1985"}),
        ("00000000", {"type": "DatumOnbekend", "onbekend": True, "langFormaat": "unknown"}),
    ],
)
def test_a_date_has_the_type_of_what_is_known(kept: str, answered: dict[str, object]) -> None:
    assert typed(read_date(kept), "en") == answered
    assert (
        typed(read_date(kept), "zh-CN")["langFormaat"]
        == {
            "19850312": "1985年3月12日",
            "19850300": "1985年3月",
            "19850000": "1985年",
            "00000000": "不详",
        }[kept]
    )


@pytest.mark.parametrize("kept", ["", "1985", "19851301", "19850230", "19850012", "00000312", "00001200", "١٩٨٥٠٣١٢"])
def test_another_form_is_no_date(kept: str) -> None:
    with pytest.raises(ValueError, match=r"digits|calendar|range|month"):
        read_date(kept)


@pytest.mark.parametrize(
    ("born", "years"),
    [
        (PartialDate(2000, 3, 2), 26),
        (PartialDate(2000, 3, 3), 25),
        (PartialDate(2000, 2), 26),
        (PartialDate(2000, 4), 25),
        (PartialDate(2000, 3), None),
        (PartialDate(2000), None),
        (PartialDate(), None),
    ],
)
def test_an_age_is_given_where_the_known_part_tells_it(born: PartialDate, years: int | None) -> None:
    assert age(born, TODAY) == years
