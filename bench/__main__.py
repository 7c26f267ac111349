"""`python -m bench`: measure the gateway under a workload; without one, list the workloads."""

from __future__ import annotations

import argparse
import json
import pstats
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from bench.load import WrongAnswer
from bench.measure import Case, Plan, measure
from bench.processes import HERE, NotStarted
from bench.report import as_object, as_table
from bench.workloads import WORKLOADS

HELP = """Measure the real gateway (`citygate serve`, as configured, protections on) in front of canned departments.

32 connections, each with its own persons and credentials, keep one request in flight each. Every person's answer is
held against the reference first, and compared again in every request: one wrong answer ends the run with status 1.
Where there are two cores, the gateway has one, load and departments have the other.
"""
EXAMPLES = """examples:
  python -m bench phone-screen                    nothing cached
  python -m bench phone-screen --hot              everything cached
  python -m bench phone-screen list-with-join     both, their rounds interleaved
  python -m bench phone-screen --tree ../before --tree .
                                                  two source trees, interleaved, and their ratio
  python -m bench list-with-join --profile list.prof
                                                  where the gateway's time goes (slower by half: no figures)

reading the table:
  req/s per core  requests per second of the gateway's CPU time: the figure to compare, other load disturbs it least
  calls/req       calls to departments per request
  load busy       share of a core taken by load and departments: near 1, they were the limit
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the process's status."""
    chosen = _parser().parse_args(arguments)
    if not chosen.workload:
        print(_listed())
        return 0
    plan = Plan(rounds=chosen.rounds, seconds=chosen.seconds, requests=chosen.requests, profile=chosen.profile)
    cases = [Case(WORKLOADS[name], chosen.hot, tree) for name in chosen.workload for tree in chosen.tree or [HERE]]
    if plan.profile and len(cases) > 1:
        print("--profile takes one workload and one tree", file=sys.stderr)
        return 2
    try:
        report = as_object(measure(cases, plan, lambda text: print(text, file=sys.stderr)), plan)
    except (WrongAnswer, NotStarted, OSError) as exc:
        print(f"{type(exc).__name__}: {exc}", file=sys.stderr)
        return 1
    print(json.dumps(report, indent=2) if chosen.json else as_table(report))
    if plan.profile:
        pstats.Stats(str(plan.profile), stream=sys.stderr).strip_dirs().sort_stats("tottime").print_stats(30)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench",
        description=f"{HELP}\n{_listed()}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("workload", nargs="*", choices=[*WORKLOADS, []], metavar="WORKLOAD", help="see above")
    parser.add_argument("--hot", action="store_true", help="let the gateway keep what it has read")
    parser.add_argument("--rounds", type=_positive, default=Plan.rounds, help="how often (%(default)s)")
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="length of a round (%(default)s)")
    parser.add_argument("--requests", type=_positive, default=Plan.requests, help="most in a round (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object with every round, instead of the table")
    parser.add_argument("--tree", type=_tree, action="append", help="gateway's source tree (this one); may be repeated")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="run the gateway under cProfile")
    return parser


def _listed() -> str:
    width = max(map(len, WORKLOADS))
    return "workloads:\n" + "\n".join(f"  {name:{width}}  {each.summary}" for name, each in WORKLOADS.items())


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def _tree(text: str) -> Path:
    tree = Path(text).resolve()
    if not (tree / "gateway" / "__main__.py").is_file():
        raise argparse.ArgumentTypeError(f"{text} has no gateway/__main__.py")
    return tree


def _leave(_number: int, _frame: FrameType | None) -> None:
    """A SIGTERM ends the children, too."""
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
