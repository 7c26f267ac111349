"""The README shows what bench/results.json says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import readme, results
from bench.bars.table import BARS

CRITERION = {"what": "x", "value": 1.5, "lowest": 1.0, "highest": 2.0, "bar": ">= 1.2", "met": True}
FOUND = {
    "bar": "hot-cache",
    "criteria": [CRITERION, {**CRITERION, "met": False, "lowest": None}],
    "cases": [
        {"subject": "citygate", "median": {"requests_per_core_second": 1234.5}, "resident_mib": 80, "rounds": [1]}
    ],
    "machine": {"cores": 2, "processor": "one", "python": "3.11"},
    "plan": {"rounds": 5, "seconds": 3.0},
}


def test_the_table_is_that_of_the_results() -> None:
    assert readme.drift() == ""
    assert set(results.read()) <= set(BARS)


def test_a_changed_figure_is_a_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(json.dumps(results.read()))
    next(iter(found.values()))["criteria"][0]["value"] += 1
    monkeypatch.setattr(readme, "read", lambda: found)
    assert "python -m bench readme" in readme.drift()


def test_a_readme_without_the_marks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readme, "README", tmp_path / "README.md")
    readme.README.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
    assert readme.drift()
    readme.write()
    assert readme.drift() == ""
    assert readme.README.read_text().startswith("before\n")
    assert readme.README.read_text().endswith("\nafter\n")
    readme.README.write_text("no marks")
    with pytest.raises(ValueError, match="needs the two lines"):
        readme.drift()


def test_results_keep_the_other_bars_and_no_raw_rounds(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.put(FOUND, path)
    results.put({**FOUND, "bar": "floors"}, path)
    found = results.read(path)
    assert list(found) == ["hot-cache", "floors"]
    assert "rounds" not in found["floors"]["cases"][0]


def test_a_missed_bar_is_not_hidden(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.put(FOUND, path)
    table = readme.table(results.read(path))
    assert "| **Citygate** | 1,234 | 80–80 |" in table
    day = results.read(path)["hot-cache"]["measured_at"][:10]
    assert f"| hot-cache: x | >= 1.2 | 1.50 | 1.00 to 2.00 | yes | {day} |" in table
    assert f"| hot-cache: x | >= 1.2 | 1.50 |  | **no** | {day} |" in table


def test_every_bar_has_its_rows_also_before_it_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.put(FOUND, path)
    lines = readme.table(results.read(path)).splitlines()
    rows = {name: [line for line in lines if line.startswith(f"| {name}: ")] for name in BARS}
    assert len(rows.pop("hot-cache")) == len(FOUND["criteria"])
    assert all(len(found) == 1 and "| not yet |" in found[0] for found in rows.values())
    assert "5 rounds of 3 s on 2 cores of one, Python 3.11. [docs" in lines[-1]


def test_bars_that_were_measured_elsewhere_say_so(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.put(FOUND, path)
    results.put({**FOUND, "bar": "memory", "figures": {"minutes": 60.0}}, path)
    last = readme.table(results.read(path)).splitlines()[-1]
    assert "hot-cache: 5 rounds of 3 s on 2 cores of one, Python 3.11. memory: 60 minutes on 2 cores" in last
