"""The README's table of figures, from the results file and between two marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.bars.table import BARS
from bench.peers.peer import PEERS
from bench.processes import HERE
from bench.report import rate
from bench.results import RESULTS, read

README = HERE / "README.md"
BEGIN = "<!-- bench: begin; written by `python -m bench readme` from bench/results.json -->"
END = "<!-- bench: end -->"
COLUMNS = {
    "list-with-join": "list with join, cold",
    "list-with-shared-join": "list with ten joined objects, cold",
    "phone-screen": "phone screen, cold",
    "hot-cache": "phone screen, hot cache",
}


def write() -> None:
    """Put the table into README.md. Raises: ValueError when the marks are not there."""
    README.write_text(_with_table(README.read_text("utf-8"), table(read())), "utf-8")


def drift() -> str:
    """What is wrong with README.md's table; empty when it is that of the results file."""
    text = README.read_text("utf-8")
    if text == _with_table(text, table(read())):
        return ""
    return f"{README.name} does not show {RESULTS.name}: run `python -m bench readme`"


def _with_table(text: str, lines: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README.name} needs the two lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{lines}\n{END}{after}"


def table(results: Mapping[str, Any]) -> str:
    """Throughput by subject, and every bar with what was measured; as Markdown."""
    parts = [_throughput(results), _bars(results), _machines(results)]
    return "\n\n".join(part for part in parts if part)


def _throughput(results: Mapping[str, Any]) -> str:
    shown = {name: title for name, title in COLUMNS.items() if name in results}
    if not shown:
        return ""
    rates = {name: {case["subject"]: case for case in results[name]["cases"]} for name in shown}
    subjects = {"citygate": "**Citygate**", **{name: peer.title for name, peer in PEERS.items()}}
    rows = [["requests per second of one core", *shown.values(), "RSS, MiB"]]
    for subject, title in subjects.items():
        cases = [rates[name].get(subject) for name in shown]
        memory = [case["resident_mib"] for case in cases if case]
        if memory:
            rows.append([title, *map(_rate, cases), f"{min(memory):.0f}–{max(memory):.0f}"])
    return _markdown(rows)


def _rate(case: Mapping[str, Any] | None) -> str:
    return f"{rate(case):,.0f}" if case else "–"


def _bars(results: Mapping[str, Any]) -> str:
    rows = [["what", "bar", "measured", "lowest to highest round", "met", "day"]]
    for name, bar in BARS.items():
        found = results.get(name)
        if found is None:
            rows.append([f"{name}: {bar.summary}", "", "not yet", "", "", ""])
            continue
        for each in found["criteria"]:
            spread = "" if each["lowest"] is None else f"{each['lowest']:.2f} to {each['highest']:.2f}"
            met = {True: "yes", False: "**no**", None: ""}[each["met"]]
            what, day = f"{name}: {each['what']}", found["measured_at"][:10]
            rows.append([what, each["bar"], f"{each['value']:.2f}", spread, met, day])
    return _markdown(rows)


def _machines(results: Mapping[str, Any]) -> str:
    """Where it was measured and how long; more than one sentence where the bars differ in that."""
    named: dict[str, list[str]] = {}
    for name, found in results.items():
        named.setdefault(_machine(found), []).append(name)
    told = [f"{', '.join(names)}: {where}." for where, names in named.items()]
    if len(told) == 1:
        told = [f"{where}." for where in named]
    return " ".join([*told, "[docs/benchmarks.md](docs/benchmarks.md) says how."])


def _machine(found: Mapping[str, Any]) -> str:
    machine, plan = found["machine"], found["plan"]
    figures = found.get("figures", {})
    how = (
        f"{figures['minutes']:g} minutes"
        if "minutes" in figures
        else f"{plan['rounds']} rounds of {plan['seconds']:g} s"
    )
    return f"{how} on {machine['cores']} cores of {machine['processor']}, Python {machine['python']}"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *rest])
