"""Every promise of the page names the tests that hold it and what was seen to break them, and all of it is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import DOCS, ROOT, code_in, tables
from tests.mutations.entries import Mutation, load

PAGE = DOCS / "security.md"
HEADER = ["promise", "held by", "seen to fail"]
PROMISES = [row for rows in tables(PAGE) if rows[0] == HEADER for row in rows[1:]]
promises = pytest.mark.parametrize("row", PROMISES, ids=[row[0][:60] for row in PROMISES])


@cache
def mutations() -> dict[str, Mutation]:
    return {mutation.name: mutation for mutation in load(ROOT / "tests/mutations")}


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests at the top of a file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = [one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(name for name in functions if name.startswith("test_"))


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    return (ROOT / file).is_file() and name in names_in(file)


def test_there_are_promises_and_each_is_made_once() -> None:
    assert len(PROMISES) > 40
    assert len({row[0] for row in PROMISES}) == len(PROMISES)


@promises
def test_the_tests_that_hold_a_promise_are_there(row: list[str]) -> None:
    named = code_in(row[1])
    assert named
    assert [test for test in named if not exists(test)] == []


@promises
def test_what_breaks_a_promise_is_there_and_turns_one_of_its_tests_red(row: list[str]) -> None:
    """A deliberate fault is for a test of the row; a test that weakens the build itself stands for itself."""
    weakened = code_in(row[2])
    assert weakened
    for name in weakened:
        if "::" in name:
            assert exists(name), name
        else:
            assert name in mutations(), f"no deliberate fault is called {name!r}"
            assert any(turns_red(mutations()[name], test) for test in code_in(row[1])), f"{name} is for other tests"


def turns_red(mutation: Mutation, test: str) -> bool:
    """Whether a mutation's check runs this test, and may be that it alone."""
    file, _, name = test.partition("::")
    words = [word.partition("::")[0] for word in mutation.check.split()]
    runs = any(file == word or file.startswith(f"{word}/") for word in words)
    expected = re.match(r"test_\w+", mutation.says)
    return runs and (expected is None or name.startswith(expected[0]))


def test_every_way_to_hurt_somebody_leads_to_promises() -> None:
    (threats,) = [rows[1:] for rows in tables(PAGE) if rows[0] == ["who", "wants", "meets"]]
    headings = set(re.findall(r"^### (.+)$", PAGE.read_text("utf-8"), re.MULTILINE))
    led_to = {link for row in threats for link in re.findall(r"\[([^]]+)\]\(#", row[2])}
    assert {link.lower() for link in led_to} == {heading.lower() for heading in headings}
