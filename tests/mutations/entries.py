"""One mutation as data: what is broken, the check that must notice, and the words it must say.

A `*.toml` file beside this module holds any number of entries:

    [[mutation]]
    name = "a resolver imports the gateway"
    edits = [{ file = "resolvers/mutant.py", append = "import gateway" }]
    check = "lint-imports --contract floors"
    says = "resolvers is not allowed to import gateway"

`check` must fail; it may be any command: `pytest tests/test_a.py::test_b`, `mypy`, `ruff check gateway`.
`says` must be in its output (white space counts as one blank), so that it is red for the right reason. If it is the
name of a test, `test_b` or `test_b[one of its cases]`, that test alone is run.

An edit appends to a file, which it makes if need be; or replaces a text that occurs exactly once,
`{ file = "…", replace = "old", by = "new" }`; or removes a file or folder, `{ file = "…", remove = true }`.
"""

import re
import shlex
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
    def says_a_test(self) -> bool:
        """Whether the first failure will do, for `says` is the name of the test that is to fail."""
        return self.check.startswith("pytest ") and bool(re.fullmatch(r"test_\w+", self.says))

    def narrow_check(self, root: Path) -> str:
        """The check of no more than the test that is to fail, where `says` is the name of one.

        A test at the top of its file is named to pytest, so that it alone is collected; another is matched with `-k`.
        """
        name, _, parameters = self.says.partition("[")
        tool, *words = self.check.split()
        if tool != "pytest" or not re.fullmatch(r"test_\w+", name) or "::" in self.check or "-k" in words:
            return self.check
        home = [word for word in words if _defines(root / word, name)]
        if len(home) == 1 and (not parameters or parameters.endswith("]")):
            return shlex.join([tool, f"{home[0]}::{self.says}"])
        return f"{self.check} -k {name}"


def _defines(path: Path, test: str) -> bool:
    return path.is_file() and bool(re.search(rf"^(async )?def {test}\(", path.read_text("utf-8"), re.MULTILINE))


def load(folder: Path) -> list[Mutation]:
    """All mutations of the `*.toml` files in `folder`, in file and then entry order."""
    return [
        Mutation(**{**entry, "edits": tuple(Edit(**edit) for edit in entry["edits"])})
        for path in sorted(folder.glob("*.toml"))
        for entry in tomllib.loads(path.read_text())["mutation"]
    ]
