"""Medians with their spread: a table to read, and an object with everything raw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.machine import described
from bench.measure import Measured, Plan, Round

FIGURES: dict[str, Callable[[Round], float]] = {
    "requests_per_second": lambda each: each.requests / each.seconds,
    "requests_per_core_second": lambda each: each.requests / (each.gateway_cpu or float("nan")),
    "cpu_us_per_request": lambda each: 1e6 * each.gateway_cpu / each.requests,
    "p50_ms": lambda each: each.p50,
    "p95_ms": lambda each: each.p95,
    "p99_ms": lambda each: each.p99,
    "upstream_calls_per_request": lambda each: each.upstream_calls / each.requests,
    "gateway_busy": lambda each: each.gateway_cpu / each.seconds,
    "load_busy": lambda each: each.load_cpu / each.seconds,
}
"""Each figure of a round. The last two are shares of a core: near 1, the load itself is what was measured."""
_COLUMNS = {
    "req/s": ("requests_per_second", 0),
    "req/s per core": ("requests_per_core_second", 0),
    "CPU µs/req": ("cpu_us_per_request", 0),
    "p50 ms": ("p50_ms", 1),
    "p95 ms": ("p95_ms", 1),
    "p99 ms": ("p99_ms", 1),
    "calls/req": ("upstream_calls_per_request", 2),
    "load busy": ("load_busy", 2),
}


def as_object(results: Sequence[Measured], plan: Plan) -> dict[str, Any]:
    """Everything: machine, plan, and per case the median, the spread and the raw rounds."""
    return {
        "machine": described(),
        "plan": {"rounds": plan.rounds, "seconds": plan.seconds, "requests": plan.requests},
        "cases": [_case(each) for each in results],
    }


def _case(result: Measured) -> dict[str, Any]:
    figures = {name: [figure(each) for each in result.rounds] for name, figure in FIGURES.items()}
    return {
        "workload": result.case.workload.name,
        "mode": "hot" if result.case.hot else "cold",
        "tree": str(result.case.tree),
        "calls_needed": 0 if result.case.hot else result.case.workload.calls,
        "median": {name: median(values) for name, values in figures.items()},
        "spread": {name: [min(values), max(values)] for name, values in figures.items()},
        "resident_mib": result.resident_mib,
        "errors": sum(each.errors for each in result.rounds),
        "rounds": [asdict(each) for each in result.rounds],
    }


def as_table(report: dict[str, Any]) -> str:
    """Medians in columns; behind a case's throughput per core its lowest and highest round."""
    trees = list(dict.fromkeys(case["tree"] for case in report["cases"]))
    head = ["workload", *_COLUMNS, "lowest-highest", "RSS MiB"]
    rows = [head, *(_row(case, trees) for case in report["cases"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(_set(cell, width, at) for at, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    notes = [f"[{number}] {tree}" for number, tree in enumerate(trees, 1)] if len(trees) > 1 else []
    return "\n".join([*lines, *notes, *_ratios(report["cases"])])


def _row(case: dict[str, Any], trees: Sequence[str]) -> list[str]:
    mark = f" [{trees.index(case['tree']) + 1}]" if len(trees) > 1 else ""
    figures = [f"{case['median'][name]:,.{digits}f}" for name, digits in _COLUMNS.values()]
    lowest, highest = case["spread"]["requests_per_core_second"]
    spread = f"{lowest:,.0f}-{highest:,.0f}"
    return [f"{case['workload']} {case['mode']}{mark}", *figures, spread, f"{case['resident_mib']:.0f}"]


def _set(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def _ratios(cases: Sequence[dict[str, Any]]) -> list[str]:
    """How much more a core does in each further tree than in the first."""
    first: dict[tuple[str, str], float] = {}
    lines = []
    for case in cases:
        what, rate = (case["workload"], case["mode"]), case["median"]["requests_per_core_second"]
        if what in first:
            lines.append(f"{' '.join(what)}: {rate / first[what]:.2f} x the first tree  ({case['tree']})")
        first.setdefault(what, rate)
    return lines
