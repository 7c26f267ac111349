"""Files that are replaced while the process runs: certificates, keys, secrets."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

LOOK_AFTER = 1.0
"""Seconds between two looks: a file that was replaced is noticed with the first use after them."""
_Stamp = tuple[int, int, int, int]


class Watched:
    """Says, when it is asked, whether any of some files was replaced or rewritten."""

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._paths = tuple(map(Path, paths))
        self._seen = self._stamps()
        self._look_at = time.monotonic() + LOOK_AFTER

    def changed(self) -> bool:
        """Whether there is something new since this was last said; the files are looked at once a second at most."""
        if not self._paths or time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + LOOK_AFTER
        before, self._seen = self._seen, self._stamps()
        return before != self._seen

    def _stamps(self) -> list[_Stamp | None]:
        return [_stamp(path) for path in self._paths]


def _stamp(path: Path) -> _Stamp | None:
    """What tells a file from what was there before: another one, behind a moved link too, or other rights to it."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_ctime_ns, found.st_size
