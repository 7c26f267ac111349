"""A copy of a source tree, some of whose YAML and JSON files say something else."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

Overlay = Mapping[str, Mapping[str, Any]]
"""File of the tree to the keys that it has instead; mappings are merged, all else is replaced, files are made."""

_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "tests", "docs", "dist")


@contextmanager
def laid_over(tree: Path, overlay: Overlay) -> Iterator[Path]:
    """The copy, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(tree, copy, ignore=_LEFT_OUT)
        for name, changes in overlay.items():
            path = copy / name
            said = merged(yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}, changes)
            path.write_text(json.dumps(said) if path.suffix == ".json" else yaml.safe_dump(said), "utf-8")
        yield copy


def merged(below: Any, above: Any) -> Any:
    """Two values as one, the second above the first."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}
