"""What each protection costs: the gateway with and without it, in turn, one at a time.

A further protection is one more entry of `PROTECTIONS`, with what turns it round. What no configuration switches off is
taken out of a copy of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from bench.bars.bar import Criterion, Options, Outcome, ratio
from bench.bars.ours import CPU, NO_TELEMETRY
from bench.measure import Case, Measured, measure
from bench.overlay import Edit, Overlay, merged
from bench.subjects import DATA, Tree
from bench.workloads import WORKLOADS


@dataclass(frozen=True, slots=True)
class Mode:
    """A workload, cold or hot."""

    workload: str
    hot: bool

    def case(self, tree: Tree) -> Case:
        """It on a tree."""
        return Case(WORKLOADS[self.workload], tree, hot=self.hot)

    def __str__(self) -> str:
        return f"{self.workload} {'hot' if self.hot else 'cold'}"


SCREEN = (Mode("phone-screen", hot=False), Mode("phone-screen", hot=True))
HELLO = (Mode("hello", hot=True),)
_MANIFEST = "persisted/bench.json"
_TRUSTED: Overlay = {
    "config/gateway.yaml": {"graphql": {"documents": "trusted", "trusted_documents": _MANIFEST}},
    f"config/{_MANIFEST}": {name: WORKLOADS[name].query for name in ("phone-screen", "hello")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What turns a protection round: configuration, environment, edits of the source, or a request without a token.

    `on` says whether the gateway has it unless it is turned round. `among` is the environment in which it matters, for
    the gateway with it and for the one without.
    """

    name: str
    overlay: Overlay = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    edits: Sequence[Edit] = ()
    anonymous: bool = False
    on: bool = True
    modes: Sequence[Mode] = SCREEN
    among: Mapping[str, str] = field(default_factory=dict)

    def turned(self, tree: Tree) -> Tree:
        """The tree with the protection off where it was on, on where it was off."""
        return replace(
            tree,
            name=f"{'without' if self.on else 'with'} {self.name}",
            overlay=self.overlay,
            environment={**self.among, **self.environment},
            edits=self.edits,
            anonymous=self.anonymous,
        )

    def unturned(self, tree: Tree) -> Tree:
        """The tree as it is where the protection matters."""
        return replace(tree, name=f"{tree.name} for {self.name}", environment=self.among) if self.among else tree


_NO_ACCESS_LOG = (Edit("gateway/wiring.py", "        witness=witness,\n        format_error", "        format_error"),)
_NO_GUARD = (
    Edit(
        "adapters/runtime/call.py",
        "await guard.call(bound, attempt, repeatable=True)",
        "await attempt(asyncio.get_running_loop().time() + bound.timeout)",
    ),
)
_NO_OWNER = (
    Edit("adapters/runtime/call.py", "if one.scope != sharing:", "if False:"),
    Edit("gateway/graphql/answers.py", "and kept.owner is not None and kept.owner != asker.subject:", "and False:"),
    Edit("gateway/fast_lane.py", "if not request.startswith(found.said, found.said_at):", "if False:"),
)
PROTECTIONS = (
    Protection(name="sampled traces", overlay=NO_TELEMETRY),
    Protection(name="a token, verified before and remembered", anonymous=True, modes=HELLO),
    Protection(name="trusted documents only", overlay=_TRUSTED, on=False),
    Protection(name="a rate for each person", environment={"CITYGATE_SUBJECT_UNITS": "0"}),
    Protection(name="the access log", edits=_NO_ACCESS_LOG),
    Protection(name="the guard of each department", edits=_NO_GUARD, modes=SCREEN[:1]),
    Protection(name="the owner's check beside each key", edits=_NO_OWNER),
    Protection(
        name="a sealed store, read on every request",
        environment={"CITYGATE_STORE_KEYS": f"plain:{'k' * 32}"},
        among={"CITYGATE_STORE": f"sqlite://{DATA}/store.db", "CITYGATE_ANSWER_BYTES": "0"},
        on=False,
        modes=SCREEN[:1],
    ),
)


def protections(options: Options) -> Outcome:
    """CPU time per request with each protection over that without it, and with all of them over that without any."""
    turned = [*PROTECTIONS, *_together(PROTECTIONS)]
    modes = list(dict.fromkeys(mode for each in turned for mode in each.modes))
    cases = [mode.case(tree) for mode in modes for tree in _trees(options.tree, turned, mode)]
    found = measure(cases, options.plan, options.say)
    left = iter(found)
    return Outcome([each for mode in modes for each in _criteria(turned, mode, left)], found)


def _together(protections: Sequence[Protection]) -> list[Protection]:
    """All that can be taken away together; nothing new where that is a single one."""
    off = [each for each in protections if each.on and not each.anonymous and not each.among]
    if len(off) < 2:
        return []
    return [
        Protection(
            name="all of these",
            overlay=reduce(merged, [each.overlay for each in off]),
            environment=reduce(merged, [each.environment for each in off]),
            edits=[edit for each in off for edit in each.edits],
        )
    ]


def _trees(tree: Tree, turned: Sequence[Protection], mode: Mode) -> Iterator[Tree]:
    yield tree
    for each in turned:
        if mode in each.modes:
            yield from (each.unturned(tree), each.turned(tree)) if each.among else (each.turned(tree),)


def _criteria(turned: Sequence[Protection], mode: Mode, found: Iterator[Measured]) -> Iterator[Criterion]:
    as_it_is = next(found)
    for each in turned:
        if mode in each.modes:
            unturned = next(found) if each.among else as_it_is
            other = next(found)
            with_, without = (unturned, other) if each.on else (other, unturned)
            yield ratio(f"CPU per request with / without {each.name}, {mode}", with_, without, CPU)
