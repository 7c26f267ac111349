"""Medians with their spread: a table to read, and an object with everything raw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    return {"machine": described(), "plan": asdict(plan), "cases": [case_object(each) for each in results]}


def case_object(result: Measured) -> dict[str, Any]:
    """One case of `as_object`."""
    figures = {name: [figure(each) for each in result.rounds] for name, figure in FIGURES.items()}
    return {
        "workload": result.case.workload.name,
        "mode": "hot" if result.case.hot else "cold",
        "subject": result.case.subject.name,
        "calls_needed": 0 if result.case.hot else result.case.workload.calls,
        "median": {name: median(values) for name, values in figures.items()},
        "spread": {name: [min(values), max(values)] for name, values in figures.items()},
        "resident_mib": result.resident_mib,
        "errors": sum(each.errors for each in result.rounds),
        "rounds": [asdict(each) for each in result.rounds],
    }


def as_table(report: Mapping[str, Any]) -> str:
    """Medians in columns; behind a case's throughput per core its lowest and highest round."""
    head = ["subject and workload", *_COLUMNS, "lowest-highest", "RSS MiB"]
    return "\n".join([*aligned([head, *map(_row, report["cases"])]), *_ratios(report["cases"])])


def _row(case: Mapping[str, Any]) -> list[str]:
    figures = [f"{case['median'][name]:,.{digits}f}" for name, digits in _COLUMNS.values()]
    lowest, highest = case["spread"]["requests_per_core_second"]
    spread = f"{lowest:,.0f}-{highest:,.0f}"
    return [f"{case['subject']} {case['workload']} {case['mode']}", *figures, spread, f"{case['resident_mib']:.0f}"]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines whose cells stand below each other, the first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_set(cell, widths[at], at) for at, cell in enumerate(row)) for row in rows]


def _set(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def _ratios(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    """How much more a core does in the first subject than in each other."""
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    lines = []
    for case in cases:
        what = (case["workload"], case["mode"])
        base = first.setdefault(what, case)
        if base is not case:
            ratio = rate(base) / rate(case)
            lines.append(f"{' '.join(what)}: {base['subject']} does {ratio:.2f} x what {case['subject']} does")
    return lines


def rate(case: Mapping[str, Any]) -> float:
    """A case's requests per second of its own CPU time, median."""
    return float(case["median"]["requests_per_core_second"])
