"""The example operations that GraphiQL offers, read from a folder of GraphQL documents."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FIRST: Final = "home-screen"


@dataclass(frozen=True, slots=True)
class Example:
    """One document with the variables it starts with, as JSON text or empty."""

    name: str
    document: str
    variables: str

    @property
    def title(self) -> str:
        """The file's name as words: `home-screen` reads "Home screen"."""
        return self.name.replace("-", " ").replace("_", " ").capitalize()


def load_examples(folder: Path) -> list[Example]:
    """Read `*.graphql`, each with `NAME.variables.json` where there is one; the home screen comes first.

    A folder that does not exist gives no examples: the page works without.
    """
    paths = sorted(folder.glob("*.graphql"), key=lambda path: (path.stem != FIRST, path.stem))
    return [_load(path) for path in paths]


def _load(path: Path) -> Example:
    variables = path.with_suffix(".variables.json")
    return Example(
        name=path.stem,
        document=path.read_text("utf-8"),
        variables=variables.read_text("utf-8") if variables.is_file() else "",
    )
