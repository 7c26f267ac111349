"""The results file: the last outcome of each bar, without its raw rounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.processes import HERE

RESULTS = HERE / "bench" / "results.json"


def read(path: Path = RESULTS) -> dict[str, Any]:
    """Outcomes by bar, as `bench.bars.bar.as_object` gives them; empty when there is no file."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def put(found: Mapping[str, Any], path: Path) -> None:
    """Keep an outcome in the place of the bar's last one."""
    cases = [{key: value for key, value in case.items() if key != "rounds"} for case in found["cases"]]
    kept = {**found, "cases": cases, "measured_at": datetime.now(UTC).isoformat(timespec="minutes")}
    path.write_text(json.dumps({**read(path), found["bar"]: rounded(kept)}, indent=1) + "\n", "utf-8")


def rounded(value: Any) -> Any:
    """The same with four digits behind the point, which is more than a measurement has."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value
