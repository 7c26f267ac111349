"""Bars against the peers: the same operation over the same replies, in turn, round by round."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bench.bars.bar import Options, Outcome, ratio
from bench.measure import Case, measure
from bench.overlay import Overlay
from bench.peers.install import NotInstalled
from bench.peers.peer import PEERS, Peer
from bench.subjects import Subject
from bench.workloads import WORKLOADS

PER_CORE = "requests_per_core_second"
NEVER_KEPT: Overlay = {
    "adapters/departments/market_regulation/manifest.yaml": {
        "provides": {"registrations.kinds": {"personal": "subject", "fresh_for": "0s"}}
    }
}
"""Kinds that are not public: each request has to ask for them by itself, as the peers' requests do."""


def against_peers(
    workload: str, needed: Mapping[str, float], *, hot: bool = False, overlay: Overlay | None = None
) -> Callable[[Options], Outcome]:
    """How many times the throughput per core is that of each peer; `needed` are the bars by peer.

    Hot, only the peers with a bar take part: the others keep nothing.
    """

    def run(options: Options) -> Outcome:
        wanted = [name for name in options.peers if name in needed or not hot]
        peers, notes = _had(wanted, options)
        tree = replace(options.tree, overlay=overlay) if overlay else options.tree
        subjects: list[Subject] = [tree, *peers]
        cases = [Case(WORKLOADS[workload], subject, hot=hot) for subject in subjects]
        ours, *theirs = found = measure(cases, options.plan, options.say)
        criteria = [
            ratio(f"requests per core, citygate / {peer.name}", ours, each, PER_CORE, **_bar(needed.get(peer.name)))
            for peer, each in zip(peers, theirs, strict=True)
        ]
        return Outcome(criteria, found, notes)

    return run


def _bar(at_least: float | None) -> dict[str, float]:
    return {} if at_least is None else {"at_least": at_least}


def _had(names: Sequence[str], options: Options) -> tuple[list[Peer], list[str]]:
    peers, notes = [], []
    for name in names:
        try:
            options.say(f"{name}: packages")
            PEERS[name].install()
        except NotInstalled as exc:
            notes.append(f"{PEERS[name].title} was not measured: {exc}")
        else:
            peers.append(PEERS[name])
    return peers, notes
