"""Every function and folder that a page names is there, and the import rules are those of pyproject.toml."""

from __future__ import annotations

import importlib
import re
import tomllib
from typing import Any

import pytest

from tests.docs.pages import DOCS, ROOT, code_in, table

PAGE = DOCS / "architecture.md"
DECISIONS = DOCS / "decisions"
PAGES = sorted(DOCS.rglob("*.md"))
_NAME = re.compile(r"`((?:gateway|resolvers|adapters|sandbox)(?:\.\w+)+)`")
_PATH = re.compile(r"`((?:gateway|resolvers|adapters|sandbox|config|tests|docs|examples|scripts)/[\w./-]*)`")
NAMES = sorted({name for page in PAGES for name in _NAME.findall(page.read_text("utf-8"))})
PATHS = sorted({path for page in PAGES for path in _PATH.findall(page.read_text("utf-8"))})


def named(name: str) -> Any:
    """What a dotted name stands for: a module, or something in one.

    Raises: ModuleNotFoundError or AttributeError when there is no such thing.
    """
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        for part in parts[at:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def test_the_pages_name_something() -> None:
    assert len(NAMES) > 30
    assert len(PATHS) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_there(name: str) -> None:
    assert named(name)


@pytest.mark.parametrize("path", [path for path in PATHS if "NAME" not in path])
def test_a_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_import_rules_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    rules = [contract["id"] for contract in project["tool"]["importlinter"]["contracts"]]
    assert [code_in(row[0])[0] for row in table(PAGE, "rule")] == rules


def test_the_index_of_decisions_has_every_page_with_its_title() -> None:
    pages = [page for page in sorted(DECISIONS.glob("*.md")) if page.name != "README.md"]
    titles = [f"- [{page.read_text('utf-8').splitlines()[0].removeprefix('# ')}]({page.name})" for page in pages]
    index = (DECISIONS / "README.md").read_text("utf-8")
    assert [line for line in index.splitlines() if line.startswith("- ")] == titles
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
