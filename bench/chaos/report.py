"""The figures of a run: an object with every episode, and tables by trouble and by department."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from bench.chaos.found import Episode, Found, Tally, p95
from bench.chaos.play import AWAY, STORE
from bench.machine import described
from bench.report import aligned

FILINGS = (
    "Filings delivered exactly once, lost and duplicated while the gateway itself is killed:"
    " CITYGATE_CRASH_ORDERS=1000 pytest tests/end_to_end/test_crashes.py"
)
_HEAD = (
    "",
    "asked",
    "healthy served",
    "its part: well",
    "old",
    "failed",
    "oldest s",
    "p95 beside ms",
    "over calm",
    "back s",
)


def as_object(found: Found) -> dict[str, Any]:
    """Everything, for a program."""
    return {
        "machine": described(),
        "seconds": found.seconds,
        "faults": dict(found.faults),
        "calm": _felt(found.calm, found.calm) if found.calm else None,
        "by_trouble": {name: _figures(found, found.chosen(trouble=name)) for name in _names(found, "trouble")},
        "by_department": {name: _figures(found, found.chosen(department=name)) for name in _names(found, "department")},
        "all": _figures(found, found.troubles()),
        "episodes": [
            {"department": one.department, "trouble": one.trouble, **_figures(found, [one])} for one in found.troubles()
        ],
        "filings": FILINGS,
    }


def _figures(found: Found, episodes: Sequence[Episode]) -> dict[str, Any]:
    latencies = [each for one in episodes for each in one.beside]
    back = [one.recovered for one in episodes if one.recovered is not None]
    return {
        "gateways": {name: _shares(tally) for name, tally in summed(episodes).items()},
        "beside": _felt(latencies, found.calm) if latencies and found.calm else None,
        "recovered_seconds": {"median": median(back), "longest": max(back)} if back else None,
    }


def _felt(latencies: Sequence[float], calm: Sequence[float]) -> dict[str, Any]:
    over = p95(latencies) / p95(calm)
    return {"asked": len(latencies), "p50_ms": median(latencies), "p95_ms": p95(latencies), "p95_over_calm": over}


def summed(episodes: Sequence[Episode]) -> dict[str, Tally]:
    """Tallies by gateway."""
    sums: dict[str, Tally] = {}
    for one in episodes:
        for gateway, tally in one.tallies.items():
            sums[gateway] = sums.get(gateway, Tally()) + tally
    return sums


def _shares(tally: Tally) -> dict[str, Any]:
    return {
        "asked": tally.asked,
        "healthy_served": tally.served / tally.asked,
        "own_part": {each: getattr(tally, each) / tally.asked for each in ("well", "stale", "failed")},
        "oldest_seconds": tally.oldest,
        "errors": dict(sorted(tally.codes.items())),
    }


def _names(found: Found, of: str) -> list[str]:
    return list(dict.fromkeys(getattr(one, of) for one in found.troubles()))


def as_text(found: Found) -> str:
    """The same to read, without the single episodes."""
    calm = f"calm: {len(found.calm)} asked five departments, p95 {p95(found.calm):.1f} ms; {found.seconds:.0f} s in all"
    rows: list[Sequence[str]] = [_HEAD]
    for name in _names(found, "trouble"):
        rows += _rows(name, found, found.chosen(trouble=name))
    for name in _names(found, "department"):
        if name != STORE:
            rows += _rows(name, found, found.chosen(department=name))
    faults = [f"{count} x {what}" for what, count in found.faults.most_common(20)] or ["no faults"]
    codes = sum((tally.codes for one in found.troubles() for tally in one.tallies.values()), Counter[str]())
    errors = "errors: " + ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    return "\n".join([calm, *aligned(rows), errors, FILINGS, *faults])


def _rows(name: str, found: Found, episodes: Sequence[Episode]) -> Iterator[Sequence[str]]:
    latencies = [each for one in episodes for each in one.beside]
    back = [one.recovered for one in episodes if one.recovered is not None]
    beside = [
        f"{p95(latencies):.1f}",
        f"{p95(latencies) / p95(found.calm):.2f}",
        f"{max(back):.1f}" if back else "never",
    ]
    for gateway, tally in summed(episodes).items():
        own = [f"{each / tally.asked:.1%}" for each in (tally.well, tally.stale, tally.failed)]
        shares = [f"{tally.served / tally.asked:.1%}", *(own if name != AWAY else [""] * 3)]
        yield [f"{name}, {gateway}", str(tally.asked), *shares, str(tally.oldest or ""), *beside]
        beside = [""] * 3
