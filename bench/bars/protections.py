"""What each protection costs: the gateway with and without it, in turn, one at a time.

A further protection is one more line in `PROTECTIONS`, with the configuration that turns it round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from bench.bars.bar import Criterion, Options, Outcome, ratio
from bench.bars.ours import CPU, NO_TELEMETRY
from bench.measure import Case, Measured, measure
from bench.overlay import Overlay, merged
from bench.subjects import Tree
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
    """What turns a protection round: configuration, or a request without a token.

    `on` says whether the gateway has it unless it is turned round.
    """

    name: str
    overlay: Overlay = field(default_factory=dict)
    anonymous: bool = False
    on: bool = True
    modes: Sequence[Mode] = SCREEN

    def turned(self, tree: Tree) -> Tree:
        """The tree with the protection off where it was on, on where it was off."""
        name = f"{'without' if self.on else 'with'} {self.name}"
        return replace(tree, name=name, overlay=self.overlay, anonymous=self.anonymous)


PROTECTIONS = (
    Protection(name="sampled traces", overlay=NO_TELEMETRY),
    Protection(name="a token, verified before and remembered", anonymous=True, modes=HELLO),
    Protection(name="trusted documents only", overlay=_TRUSTED, on=False),
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
    """All that configuration takes away; nothing new where that is a single one."""
    overlays = [each.overlay for each in protections if each.on and each.overlay]
    return [Protection(name="all of these", overlay=reduce(merged, overlays))] if len(overlays) > 1 else []


def _trees(tree: Tree, turned: Sequence[Protection], mode: Mode) -> list[Tree]:
    return [tree, *(each.turned(tree) for each in turned if mode in each.modes)]


def _criteria(turned: Sequence[Protection], mode: Mode, found: Iterator[Measured]) -> Iterator[Criterion]:
    as_it_is = next(found)
    for each in turned:
        if mode in each.modes:
            other = next(found)
            with_, without = (as_it_is, other) if each.on else (other, as_it_is)
            yield ratio(f"CPU per request with / without {each.name}, {mode}", with_, without, CPU)
