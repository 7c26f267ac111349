"""Run the mutation list: every check is green on the tree as it is, and red on its own violation."""

import shlex
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutations.entries import Mutation, load
from tests.mutations.scratch import Scratches

ROOT = Path(__file__).parents[2]
AT_ONCE = 2


def main(parts: list[str]) -> int:
    """Run the mutations whose name has one of `parts`, or all; 0 when the tree is green and each is red."""
    mutations = [m for m in load(Path(__file__).parent) if not parts or any(part in m.name for part in parts)]
    if not mutations:
        print(f"no mutation has a name with: {', '.join(parts)}")
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder, ThreadPoolExecutor(AT_ONCE) as threads:
        scratches = Scratches(ROOT, Path(folder), AT_ONCE)
        failed = not _is_green(baseline(m.narrow_check(ROOT) for m in mutations), scratches, threads)
        if not failed:
            reds = _reds(mutations, scratches, threads)
            failed = reds < len(mutations)
            print(f"{reds} of {len(mutations)} red", end=", ")
    print(f"{time.monotonic() - started:.0f} s")
    return int(failed)


def baseline(checks: Iterable[str]) -> list[str]:
    """Commands that have every check in them, as few as the tools' arguments allow."""
    alone: list[str] = []
    contracts: list[str] = []
    named: list[str] = []
    matched: dict[tuple[str, str], None] = {}
    for check in dict.fromkeys(checks):
        match shlex.split(check):
            case ["lint-imports", *arguments]:
                contracts += arguments
            case ["pytest", *words, "-k", expression]:
                matched |= dict.fromkeys((file, expression) for file in words if not file.startswith("-"))
            case ["pytest", *words]:
                named += [test for test in words if not test.startswith("-")]
            case _:
                alone.append(check)
    files = dict.fromkeys(file for file, _ in matched)
    expression = " or ".join(f"({expression})" for _, expression in matched)
    together = [
        ["lint-imports", *contracts] if contracts else [],
        *(["pytest", *part] for part in halves(named)),
        ["pytest", *files, "-k", expression] if matched else [],
    ]
    return [*alone, *(shlex.join(words) for words in together if words)]


def halves(tests: list[str]) -> list[list[str]]:
    """The tests in two parts, those of one file next to each other, for two commands at once."""
    ordered = sorted(dict.fromkeys(tests))
    middle = (len(ordered) + 1) // 2
    return [part for part in (ordered[:middle], ordered[middle:]) if part]


def _is_green(checks: list[str], scratches: Scratches, threads: ThreadPoolExecutor) -> bool:
    def run(check: str) -> tuple[int, str]:
        with scratches.lend() as scratch:
            return scratch.run(check)

    green = True
    for check, (code, output) in zip(checks, threads.map(run, checks), strict=True):
        if code != 0:
            print(f"NOT GREEN on the unmutated tree (exit {code}): {check}\n{output}")
            green = False
    return green


def _reds(mutations: list[Mutation], scratches: Scratches, threads: ThreadPoolExecutor) -> int:
    def run(mutation: Mutation) -> str:
        with scratches.lend() as scratch:
            return scratch.verdict(mutation)

    reds = 0
    for mutation, verdict in zip(mutations, threads.map(run, mutations), strict=True):
        print(f"{mutation.name:<64} {verdict}", flush=True)
        reds += verdict == "red"
    return reds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
