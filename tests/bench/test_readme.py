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
    assert "| hot-cache: x | >= 1.2 | 1.50 | 1.00 to 2.00 | yes |" in table
    assert "| hot-cache: x | >= 1.2 | 1.50 |  | **no** |" in table
