"""The command line: bars, the gateway alone, the profile, the results file and the README's table."""

from __future__ import annotations

import argparse
import asyncio
import json
import pstats
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import readme
from bench.bars.bar import Bar, Options, as_object, as_text
from bench.bars.table import BARS
from bench.chaos import report as chaos_report
from bench.chaos.city import whole_city
from bench.chaos.play import Plan as ChaosPlan
from bench.chaos.play import Play
from bench.load import UNLIMITED, WrongAnswer
from bench.malformed.soak import soak
from bench.measure import Case, Plan, measure
from bench.peers.install import NotInstalled
from bench.peers.peer import PEERS
from bench.processes import HERE, NotStarted
from bench.profile import profile
from bench.report import as_object as cases_object
from bench.report import as_table
from bench.results import RESULTS, put
from bench.subjects import Tree
from bench.workloads import WORKLOADS

ALL = "all"
FAILURES = (WrongAnswer, NotStarted, NotInstalled, OSError)
"""What ends a measurement, `TimeoutError` among them."""
EXAMPLES = """examples:
  python -m bench phone-screen --json             a bar: ours, the peers' and the ratios
  python -m bench phone-screen --peer tailcall    against one peer only
  python -m bench all --write                     every bar but memory into bench/results.json, in some 20 minutes
  python -m bench memory --minutes 60 --write     the soak; --rate 150 lets other work go on beside it
  python -m bench malformed                       100,000 malformed requests of every class against one gateway
  python -m bench chaos                           each department hangs, dies, answers junk, slows; the store dies
  python -m bench readme                          README.md's table from it
  python -m bench gateway phone-screen --hot      the gateway alone, everything cached
  python -m bench gateway phone-screen --tree ../before --tree .
                                                  two source trees, interleaved, and their ratio
  python -m bench profile list-with-join          where each microsecond of a request goes

docs/benchmarks.md says what is measured, and how to read it.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's status: 1 when a run has failed, 2 when it cannot be run as asked; a missed bar is no failure."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = _parser()
    if not given:
        parser.print_help()
        return 0
    chosen = parser.parse_args(given)
    run: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return run(chosen)
    except FAILURES as exc:
        _say(f"{type(exc).__name__}: {exc}")
        return 1


def _run_bars(chosen: argparse.Namespace) -> int:
    options = Options(
        plan=_plan(chosen),
        tree=Tree(path=chosen.tree),
        peers=chosen.peer or [*PEERS],
        say=_say,
        minutes=chosen.minutes,
        rate=chosen.rate,
    )
    if chosen.command != ALL:
        _run_bar(BARS[chosen.command], options, chosen)
        return 0
    return max(_tried(bar, options, chosen) for bar in BARS.values() if not bar.apart)


def _run_bar(bar: Bar, options: Options, chosen: argparse.Namespace) -> None:
    _say(f"== {bar.name}")
    found = as_object(bar, bar.run(options), options.plan)
    print(json.dumps(found, indent=2) if chosen.json else as_text(found), end="\n\n", flush=True)
    if chosen.write:
        put(found, RESULTS)


def _tried(bar: Bar, options: Options, chosen: argparse.Namespace) -> int:
    """One bar of all: the others are measured even if it fails."""
    try:
        _run_bar(bar, options, chosen)
    except FAILURES as exc:
        _say(f"{bar.name}: {type(exc).__name__}: {exc}")
        return 1
    return 0


def _run_gateway(chosen: argparse.Namespace) -> int:
    trees = [Tree(path=path, name=str(path)) for path in chosen.tree or [HERE]]
    if chosen.profile:
        if len(chosen.workload) > 1 or len(trees) > 1:
            _say("--profile takes one workload and one tree")
            return 2
        trees = [
            Tree(path=trees[0].path, python=("-m", "cProfile", "-o", str(chosen.profile.resolve()), "-m", "gateway"))
        ]
    cases = [Case(WORKLOADS[name], tree, hot=chosen.hot) for name in chosen.workload for tree in trees]
    plan = _plan(chosen)
    report = cases_object(measure(cases, plan, _say), plan)
    print(json.dumps(report, indent=2) if chosen.json else as_table(report))
    if chosen.profile:
        pstats.Stats(str(chosen.profile), stream=sys.stderr).strip_dirs().sort_stats("tottime").print_stats(30)
    return 0


def _run_profile(chosen: argparse.Namespace) -> int:
    found = profile(Case(WORKLOADS[chosen.workload], Tree(path=chosen.tree), hot=chosen.hot), _plan(chosen), _say)
    print(json.dumps(found.as_object(), indent=2) if chosen.json else found.as_text())
    return 0


def _run_malformed(chosen: argparse.Namespace) -> int:
    found = soak(chosen.tree, chosen.requests, seed=chosen.seed, say=_say)
    print(json.dumps(found.as_object(), indent=2))
    return int(bool(found.broken()))


def _run_chaos(chosen: argparse.Namespace) -> int:
    with whole_city(chosen.tree) as stage:
        found = asyncio.run(Play(stage, ChaosPlan(), _say).run())
    print(json.dumps(chaos_report.as_object(found), indent=2) if chosen.json else chaos_report.as_text(found))
    return int(bool(found.faults))


def _run_readme(chosen: argparse.Namespace) -> int:
    if not chosen.check:
        readme.write()
        return 0
    drifted = readme.drift()
    if drifted:
        _say(drifted)
    return int(bool(drifted))


def _install(chosen: argparse.Namespace) -> int:
    for name in chosen.peer or PEERS:
        print(f"{name}: {PEERS[name].install()}")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _plan(chosen: argparse.Namespace) -> Plan:
    return Plan(rounds=chosen.rounds, seconds=chosen.seconds, requests=chosen.requests)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in [*((bar.name, bar.summary) for bar in BARS.values()), (ALL, "every bar but memory")]:
        bar = commands.add_parser(name, help=summary)
        bar.set_defaults(run=_run_bars)
        bar.add_argument("--peer", choices=PEERS, action="append", help="this peer only; may be repeated")
        bar.add_argument(
            "--minutes", type=float, default=Options.minutes, help="length of the memory soak (%(default)s)"
        )
        bar.add_argument("--rate", type=_positive, default=UNLIMITED, help="requests a second in it (%(default)s)")
        bar.add_argument("--write", action="store_true", help="put the result into bench/results.json")
        bar.add_argument("--tree", type=_tree, default=HERE, help="gateway's source tree (this one)")
        _add_plan(bar)
    _add_others(commands)
    return parser


def _add_others(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    alone = commands.add_parser("gateway", help="the gateway alone under workloads")
    alone.set_defaults(run=_run_gateway)
    alone.add_argument("workload", nargs="+", choices=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS))
    alone.add_argument("--tree", type=_tree, action="append", help="gateway's source tree (this one); may be repeated")
    alone.add_argument("--profile", type=Path, metavar="FILE", help="run it under cProfile")
    shares = commands.add_parser("profile", help="where each microsecond of a request goes")
    shares.set_defaults(run=_run_profile)
    shares.add_argument("workload", choices=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS))
    shares.add_argument("--tree", type=_tree, default=HERE, help="gateway's source tree (this one)")
    for each in (alone, shares):
        each.add_argument("--hot", action="store_true", help="let the gateway keep what it has read")
        _add_plan(each)
    hostile = commands.add_parser(
        "malformed", help="malformed requests of every class, beside a client that behaves well"
    )
    hostile.set_defaults(run=_run_malformed)
    hostile.add_argument("--requests", type=_positive, default=100_000, help="how many (%(default)s)")
    hostile.add_argument("--seed", type=int, default=1, help="of their randomness (%(default)s)")
    hostile.add_argument("--tree", type=_tree, default=HERE, help="gateway's source tree (this one)")
    chaos = commands.add_parser("chaos", help="each department in trouble in turn, then the store, in some 4 minutes")
    chaos.set_defaults(run=_run_chaos)
    chaos.add_argument("--tree", type=_tree, default=HERE, help="gateway's source tree (this one)")
    chaos.add_argument("--json", action="store_true", help="one JSON object with every episode, instead of tables")
    table = commands.add_parser("readme", help="write README.md's table from bench/results.json")
    table.set_defaults(run=_run_readme)
    table.add_argument("--check", action="store_true", help="say only whether it is up to date")
    install = commands.add_parser("install-peers", help="fetch the peers' packages")
    install.set_defaults(run=_install)
    install.add_argument("--peer", choices=PEERS, action="append", help="this peer only; may be repeated")


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=_positive, default=Plan.rounds, help="how often (%(default)s)")
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="length of a round (%(default)s)")
    parser.add_argument("--requests", type=_positive, default=Plan.requests, help="most in a round (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object with every round, instead of a table")


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
