"""A change of `schema.graphql` that breaks a client fails until the changelog declares it."""

import subprocess
from pathlib import Path

import pytest
from graphql import build_schema
from graphql.utilities import find_breaking_changes

ROOT = Path(__file__).parents[1]
SCHEMA = "schema.graphql"
OLD = "type Query { person(id: ID!): Person } type Person { name: String! born: String }"


def undeclared(old: str, new: str, changelog: str) -> list[str]:
    """Breaking changes from `old` to `new` SDL that the changelog's section `Unreleased` does not have word by word."""
    declared = changelog.partition("\n## Unreleased\n")[2].partition("\n## ")[0]
    changes = find_breaking_changes(build_schema(old), build_schema(new))
    return [change.description for change in changes if change.description not in declared]


def earlier_schema() -> str | None:
    """The schema of the last release; before the first, that of the main branch, or of the last commit."""
    tag = _git("describe", "--tags", "--abbrev=0", "--match=v*")
    for commit in filter(None, [tag, "origin/main", "HEAD"]):
        if schema := _git("show", f"{commit.strip()}:{SCHEMA}"):
            return schema
    return None


def _git(*arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def test_breaking_changes_are_declared() -> None:
    old = earlier_schema()
    if old is None:
        pytest.skip(f"no earlier {SCHEMA} to compare with: neither in a release, on origin/main nor in HEAD")
    new = (ROOT / SCHEMA).read_text()
    assert undeclared(old, new, (ROOT / "CHANGELOG.md").read_text()) == []


@pytest.mark.parametrize(
    ("new", "description"),
    [
        (OLD.replace("born: String", ""), "Field Person.born was removed."),
        (OLD.replace("name: String!", "name: String"), "Field Person.name changed type from String! to String."),
        (OLD.replace("id: ID!", "id: ID!, on: Int!"), "A required argument Query.person(on:) was added."),
    ],
)
def test_a_breaking_change_is_found_and_can_be_declared(new: str, description: str) -> None:
    assert undeclared(OLD, new, "# Changelog\n\n## Unreleased\n") == [description]
    assert undeclared(OLD, new, f"# Changelog\n\n## Unreleased\n\n### Breaking\n\n- {description}\n") == []
    assert undeclared(OLD, new, f"\n## Unreleased\n\n## 1.0.0\n\n- {description}\n") == [description]


def test_an_addition_breaks_nobody() -> None:
    assert undeclared(OLD, OLD.replace("born", "died: String born"), "") == []
