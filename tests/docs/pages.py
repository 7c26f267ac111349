"""Reads what there is to check on a page: its code blocks, its tables, its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block with its language, and where it begins: `docs/page.md:12`."""

    where: str
    language: str
    text: str


def blocks(page: Path, language: str) -> list[Block]:
    """A page's code blocks in one language."""
    text = page.read_text("utf-8")
    return [
        Block(f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}", found[1], found[2])
        for found in _BLOCK.finditer(text)
        if found[1] == language
    ]


def blocks_of_all(language: str) -> list[Block]:
    """The code blocks in one language on all pages."""
    return [block for page in sorted(DOCS.rglob("*.md")) for block in blocks(page, language)]


def tables(page: Path) -> Iterator[list[list[str]]]:
    """A page's tables as rows of cells, the header first and the rule left out."""
    for table in re.findall(r"(?:^\|.*\|\n)+", page.read_text("utf-8"), re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in table.splitlines()]
        yield [row for row in rows if not all(set(cell) <= {"-", ":"} for cell in row)]


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the one table whose first heading this is.

    Raises: AssertionError when the page has none or several.
    """
    found = [rows[1:] for rows in tables(page) if rows[0][0] == heading]
    assert len(found) == 1, f"{page.name} has {len(found)} tables that begin with {heading!r}"
    return found[0]


def code_in(cell: str) -> list[str]:
    """What a cell has in code style."""
    return re.findall(r"`([^`]+)`", cell)
