"""A bar, what it is measured with, and what comes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.load import UNLIMITED
from bench.machine import described
from bench.measure import Measured, Plan
from bench.report import FIGURES, aligned, as_table, case_object
from bench.results import rounded
from bench.subjects import Tree

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the bars are measured: the plan of the rounds, the source tree, the peers by name; how long the soak is, and
    how many requests it makes in a second.
    """

    plan: Plan
    tree: Tree
    peers: Sequence[str]
    say: Say
    minutes: float = 1.0
    rate: float = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One figure with what it must be: the median, and the lowest and the highest round where there are several.

    `at_least` or `at_most` is the bar; with neither, the figure is for information.
    """

    what: str
    value: float
    lowest: float | None = None
    highest: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None without one."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most

    @property
    def bar(self) -> str:
        """The bar in words; empty without one."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bar's measurement found: the criteria, the measured cases, other figures, and what a reader must know."""

    criteria: Sequence[Criterion]
    cases: Sequence[Measured] = ()
    notes: Sequence[str] = ()
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the table. `run` raises what `bench.measure.measure` raises. What takes an hour runs `apart`."""

    name: str
    summary: str
    run: Callable[[Options], Outcome]
    apart: bool = False


def ratio(what: str, over: Measured, under: Measured, figure: str, **bar: float) -> Criterion:
    """How many times a figure of one case is that of another: of the rounds that were next to each other."""
    compute = FIGURES[figure]
    pairs = [compute(above) / compute(below) for above, below in zip(over.rounds, under.rounds, strict=True)]
    return Criterion(what=what, value=median(pairs), lowest=min(pairs), highest=max(pairs), **bar)


def as_object(bar: Bar, outcome: Outcome, plan: Plan) -> dict[str, Any]:
    """Everything, for a program."""
    return {
        "bar": bar.name,
        "summary": bar.summary,
        "machine": described(),
        "plan": asdict(plan),
        "criteria": [{**asdict(each), "bar": each.bar, "met": each.met} for each in outcome.criteria],
        "cases": [case_object(each) for each in outcome.cases],
        "figures": outcome.figures or {},
        "notes": list(outcome.notes),
    }


def as_text(found: Mapping[str, Any]) -> str:
    """The same to read."""
    parts = [f"{found['bar']}: {found['summary']}"]
    if found["cases"]:
        parts.append(as_table(found))
    head = ["criterion", "measured", "lowest-highest", "bar", "met"]
    parts.append("\n".join(aligned([head, *map(_row, found["criteria"])])))
    parts += [f"{name}: {json.dumps(figures)}" for name, figures in rounded(found["figures"]).items()]
    parts += found["notes"]
    return "\n\n".join(parts)


def _row(each: Mapping[str, Any]) -> list[str]:
    spread = "" if each["lowest"] is None else f"{each['lowest']:.2f}-{each['highest']:.2f}"
    met = {True: "yes", False: "NO", None: ""}[each["met"]]
    return [each["what"], f"{each['value']:.2f}", spread, each["bar"], met]
