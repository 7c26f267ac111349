"""`scripts/new-department` makes a department that the conformance suite finds, passes, and can fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("adapters", "gateway", "resolvers", "tests/__init__.py", "tests/conformance", "scripts", "pyproject.toml")
MAPPING = "adapters/departments/library/mapping.py"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what an integrator works with, with the department `library` begun in it."""
    copy = tmp_path_factory.mktemp("tree")
    for name in NEEDED:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__", "static"))
        else:
            shutil.copy(ROOT / name, target)
    begun = new_department(copy, "library", "--code", "LBR", "--en", "City Library", "--zh", "市图书馆")
    assert begun.returncode == 0, begun.stderr
    assert "tests/conformance -k library" in begun.stdout
    return copy


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def new_department(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(tree, "scripts/new-department", *arguments)


def conformance(tree: Path) -> subprocess.CompletedProcess[str]:
    return run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/conformance", "-k", "library")


def test_the_conformance_suite_finds_it_and_is_green(tree: Path) -> None:
    suite = conformance(tree)
    passed = re.search(r"(\d+) passed", suite.stdout)
    assert suite.returncode == 0, suite.stdout
    assert passed
    assert int(passed[1]) >= 20, "each fault is played against each case"


def test_a_broken_mapping_is_red(tree: Path) -> None:
    mapping = tree / MAPPING
    honest = mapping.read_text("utf-8")
    mapping.write_text(honest.replace("name=raw.title", "name=raw.code"), "utf-8")
    try:
        suite = conformance(tree)
    finally:
        mapping.write_text(honest, "utf-8")
    assert suite.returncode == 1
    assert "test_case_passes[library-categories]" in suite.stdout


def test_the_gateway_takes_it_into_its_configuration(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("identity: { issuer: https://login.example.org }\n")
    departments = "departments:\n  library:\n    address: https://library.example.org\n"
    (tmp_path / "departments.yaml").write_text(departments)
    check = run(tree, "-m", "gateway", "check", "--config", str(tmp_path))
    assert check.returncode == 0, check.stderr
    assert check.stdout.startswith("LBR  library")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["library"], "departments/library exists already"),
        (["Archive"], "NAME is 'Archive'"),
        (["import"], "NAME is 'import'"),
        (["../escape"], "NAME is '../escape'"),
        (["labour", "--code", "LBR"], "the code LBR is library's"),
        (["archive", "--code", "Arc"], "the code is 'Arc'"),
        (["x1"], "the code is 'X'"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(tree: Path, arguments: list[str], reason: str) -> None:
    before = sorted(tree.joinpath("adapters/departments").iterdir())
    refused = new_department(tree, *arguments)
    assert refused.returncode == 2
    assert reason in refused.stderr
    assert sorted(tree.joinpath("adapters/departments").iterdir()) == before
