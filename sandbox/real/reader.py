"""Reads public CSV and JSON files as they come, within bounds."""

import csv
import io
import json
from pathlib import Path

LARGEST_FILE = 64 * 1024 * 1024
MOST_ROWS = 200_000


class DataError(ValueError):
    """A data file that cannot be read; the message names the file, the reason and the limit."""


def rows(path: Path, *, delimiter: str = ",", limit: int = MOST_ROWS) -> list[dict[str, str]]:
    """The rows of a CSV file by its header; a missing file has none, `limit` bounds them.

    UTF-8 with or without a mark, else Windows-1252. A short row is filled with empty strings, what exceeds
    the header is dropped, and where a column name repeats the first one counts. Blank lines are skipped.

    Raises: DataError.
    """
    if not path.exists():
        return []
    lines = csv.reader(io.StringIO(_text(path), newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(lines, [])]
        columns = {name: at for at, name in reversed(list(enumerate(header)))}
        found: list[dict[str, str]] = []
        for cells in lines:
            if not cells:
                continue
            if len(found) >= limit:
                break
            found.append({name: cells[at] if at < len(cells) else "" for name, at in columns.items()})
    except csv.Error as exc:
        raise DataError(f"{path}: line {lines.line_num}: {exc}") from exc
    return found


def document(path: Path) -> object:
    """The value of a JSON file, None when the file is missing. Raises: DataError."""
    if not path.exists():
        return None
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as exc:
        raise DataError(f"{path}: not JSON: {exc}") from exc


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise DataError(f"{path}: {size} bytes, the limit is {LARGEST_FILE}")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
