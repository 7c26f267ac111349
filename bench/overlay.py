"""A copy of a source tree, some of whose files say something else."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Overlay = Mapping[str, Mapping[str, Any]]
"""File of the tree to the keys that it has instead; mappings are merged, all else is replaced, files are made."""


class Edit(NamedTuple):
    """A piece of a source file, which is there once, and what stands in its place."""

    file: str
    replace: str
    by: str


_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "tests", "docs", "dist")


@contextmanager
def laid_over(tree: Path, overlay: Overlay, edits: Sequence[Edit] = ()) -> Iterator[Path]:
    """The copy, for as long as the block lasts. Raises: ValueError for an edit whose piece is not there once."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(tree, copy, ignore=_LEFT_OUT)
        for name, changes in overlay.items():
            path = copy / name
            said = merged(yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}, changes)
            path.write_text(json.dumps(said) if path.suffix == ".json" else yaml.safe_dump(said), "utf-8")
        for edit in edits:
            (copy / edit.file).write_text(edited((copy / edit.file).read_text("utf-8"), edit), "utf-8")
        yield copy


def edited(text: str, edit: Edit) -> str:
    """A source file's text with the edit made. Raises: ValueError."""
    found = text.count(edit.replace)
    if found != 1:
        raise ValueError(f"{edit.file} has {edit.replace!r} {found} times, not once")
    return text.replace(edit.replace, edit.by)


def merged(below: Any, above: Any) -> Any:
    """Two values as one, the second above the first."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}
