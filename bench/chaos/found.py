"""What came of a run: an episode for the calm before and after, and one for each trouble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from bench.chaos.judge import Verdict
from bench.measure import percentile

CALM = "calm"


class Phase(Enum):
    """Of a trouble: it begins or ends, it lasts, it is over."""

    EDGE, DURING, AFTER = range(3)


@dataclass(slots=True)
class Tally:
    """Answers of one gateway to what was asked while the trouble lasted.

    `served` have a part of every healthy department; the others are of the part of the department in trouble, which
    was as it should be, old (`oldest` in seconds), or failed with one of `codes`.
    """

    asked: int = 0
    served: int = 0
    well: int = 0
    stale: int = 0
    failed: int = 0
    oldest: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict, asked: Sequence[str], troubled: str) -> None:
        """Count an answer."""
        self.asked += 1
        self.served += verdict.served >= {*asked} - {troubled}
        self.failed += troubled in verdict.codes
        self.stale += troubled in verdict.stale
        self.well += troubled in verdict.served and troubled not in verdict.stale
        self.oldest = max([self.oldest, *verdict.stale.values()])
        self.codes.update(verdict.codes.values())

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.asked + other.asked,
            self.served + other.served,
            self.well + other.well,
            self.stale + other.stale,
            self.failed + other.failed,
            max(self.oldest, other.oldest),
            self.codes + other.codes,
        )


@dataclass(slots=True)
class Episode:
    """One trouble of one department or of the store, or the calm.

    `beside` are the latencies (ms) of those who asked the healthy departments only. `recovered` are the seconds from
    the trouble's end until every gateway gave the department's part again, and did so from then on.
    """

    trouble: str
    department: str = ""
    tallies: dict[str, Tally] = field(default_factory=dict)
    beside: list[float] = field(default_factory=list)
    recovered: float | None = None
    phase: Phase = Phase.DURING


@dataclass(slots=True)
class Found:
    """Everything; `faults` are what must never be, counted by what it was."""

    episodes: list[Episode] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def calm(self) -> list[float]:
        """Latencies (ms) of those who asked five departments while all was well."""
        return [each for one in self.episodes if one.trouble == CALM for each in one.beside]

    def troubles(self) -> list[Episode]:
        """All but the calm."""
        return [one for one in self.episodes if one.trouble != CALM]

    def chosen(self, *, trouble: str = "", department: str = "") -> list[Episode]:
        """The episodes of a trouble, of a department, or all but the calm."""
        return [
            one
            for one in self.troubles()
            if (not trouble or one.trouble == trouble) and (not department or one.department == department)
        ]


def p95(latencies: Sequence[float]) -> float:
    """The 95th percentile; not a number without any."""
    return percentile(sorted(latencies), 0.95) if latencies else float("nan")
