"""Reading public files: odd ones without fear, the real ones when they are there."""

import os
from pathlib import Path

import pytest

from sandbox.city import build_city
from sandbox.personas import PERSONAS
from sandbox.real import DataError, document, reader, rows
from sandbox.records import Level


def written(folder, raw):
    path = folder / "file"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", []),
        (b"a,b\n", []),
        (b"a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        (b"\xef\xbb\xbfa,b\n1,2\n", [{"a": "1", "b": "2"}]),
        (b"a\nCaf\xe9\n", [{"a": "Café"}]),
        (b"a\nCaf\xc3\xa9\n", [{"a": "Café"}]),
        (b"a,b\n1\n\n1,2,3\n", [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]),
        (b"a,a\n1,2\n", [{"a": "1"}]),
        (b'a,b\n"1\n2",3\r\n', [{"a": "1\n2", "b": "3"}]),
        (b" a ,b\n1,\x81\n", [{"a": "1", "b": "\ufffd"}]),
    ],
)
def test_csv_is_read_as_it_comes(tmp_path, raw, expected):
    assert rows(written(tmp_path, raw)) == expected


def test_rows_are_bounded(tmp_path):
    assert len(rows(written(tmp_path, b"a\n" + b"1\n" * 10), limit=3)) == 3


def test_a_missing_file_is_empty(tmp_path):
    assert rows(tmp_path / "none.csv") == []
    assert document(tmp_path / "none.json") is None


def test_a_file_over_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_FILE", 5)
    with pytest.raises(DataError, match="6 bytes, the limit is 5"):
        rows(written(tmp_path, b"a,b\n1,"))


def test_an_endless_cell_is_refused_with_its_line(tmp_path):
    with pytest.raises(DataError, match="line 2"):
        rows(written(tmp_path, b"a\n" + b"x" * 200_000))


@pytest.mark.parametrize("raw", [b"{", b"", b"[" * 100_000])
def test_broken_json_is_refused(tmp_path, raw):
    with pytest.raises(DataError, match="not JSON"):
        document(written(tmp_path, raw))


def test_json_is_read(tmp_path):
    assert document(written(tmp_path, b'\xef\xbb\xbf{"a": [1]}')) == {"a": [1]}


def test_a_folder_without_known_files_changes_nothing_but_the_folder(tmp_path):
    seeded, plain = build_city(data=tmp_path), build_city()
    assert seeded.persons == plain.persons
    assert seeded.divisions == plain.divisions
    assert seeded.data == tmp_path


@pytest.fixture(scope="module")
def real_city():
    folder = os.environ.get("CITYGATE_DATA")
    if not folder:
        pytest.skip("CITYGATE_DATA names no folder with public data")
    return build_city(data=Path(folder))


@pytest.mark.real_data
def test_personas_are_played_by_persons_of_the_test_set(real_city):
    lists = person_lists(real_city.data / "nl_brp" / "testset_persoonslijsten_GBA-V.csv")
    assert len({persona.id for persona in real_city.personas.values()}) == len(PERSONAS)
    for name, persona in real_city.personas.items():
        held = lists[persona.id]
        assert real_city.persona(name).name.zh.startswith(held[0]["01.02.10"].strip())
        assert not any(row["06.08.10"] for row in held)
    parent, resident = (lists[real_city.personas[name].id] for name in ("parent", "resident"))
    assert len({row["09.01.20"] for row in parent} - {""}) >= 2
    assert parent[0]["05.01.20"]
    assert resident[0]["05.02.40"]
    assert real_city.entries_of(real_city.busy_person, "taxation") == 50


def person_lists(path):
    """The rows of the test set by the id in the first row of each person list."""
    lists: dict[str, list[dict[str, str]]] = {}
    for row in rows(path, delimiter=";"):
        if row[""]:
            held = lists.setdefault(row["01.01.20"], [])
        held.append(row)
    return lists


@pytest.mark.real_data
def test_divisions_are_all_of_wuhan(real_city):
    levels = [division.level for division in real_city.divisions]
    assert levels.count(Level.DISTRICT) == 13
    assert levels.count(Level.NEIGHBOURHOOD) == 193
    parents = {division.code for division in real_city.divisions}
    assert all(division.parent in parents for division in real_city.divisions if division.parent)
