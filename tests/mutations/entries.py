"""One mutation as data: what is broken, the check that must notice, and the words it must say.

A `*.toml` file beside this module holds any number of entries:

    [[mutation]]
    name = "a resolver imports the gateway"
    edits = [{ file = "resolvers/mutant.py", append = "import gateway" }]
    check = "lint-imports --contract floors"
    says = "resolvers is not allowed to import gateway"

`check` must fail; it may be any command: `pytest tests/test_a.py::test_b`, `mypy`, `ruff check gateway`.
`says` must be in its output (white space counts as one blank), so that it is red for the right reason. If it is the
name of a test, that test alone is run, up to its first failure.

An edit appends to a file, which it makes if need be; or replaces a text that occurs exactly once,
`{ file = "…", replace = "old", by = "new" }`; or removes a file or folder, `{ file = "…", remove = true }`.
"""

import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path


class StaleError(Exception):
    """The tree has moved on: a text to replace is not there exactly once, or a file to remove is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to one file, relative to the tree's root."""

    file: str
    append: str | None = None
    replace: str | None = None
    by: str = ""
    remove: bool = False

    def apply(self, root: Path) -> None:
        """Change the tree under `root`.

        Raises: StaleError when the tree no longer has what the edit changes.
        """
        path = root / self.file
        if self.append is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((path.read_text() if path.exists() else "") + self.append + "\n")
            return
        if not path.exists():
            raise StaleError(f"{self.file} does not exist")
        if self.remove:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        elif self.replace is not None:
            text = path.read_text()
            if (count := text.count(self.replace)) != 1:
                raise StaleError(f"{self.file} has {self.replace!r} {count} times, not once")
            path.write_text(text.replace(self.replace, self.by))
        else:
            raise StaleError(f"{self.file}: an edit needs append, replace or remove")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A deliberate violation, the check that must fail, and what it must say."""

    name: str
    edits: tuple[Edit, ...]
    check: str
    says: str

    @property
    def narrow_check(self) -> str:
        """The check up to its first failure, where `says` is the name of the test that is to fail."""
        if not self.check.startswith("pytest ") or not re.fullmatch(r"test_\w+", self.says):
            return self.check
        return f"{self.check} -x" if "::" in self.check else f"{self.check} -x -k {self.says}"


def load(folder: Path) -> list[Mutation]:
    """All mutations of the `*.toml` files in `folder`, in file and then entry order."""
    return [
        Mutation(**{**entry, "edits": tuple(Edit(**edit) for edit in entry["edits"])})
        for path in sorted(folder.glob("*.toml"))
        for entry in tomllib.loads(path.read_text())["mutation"]
    ]
