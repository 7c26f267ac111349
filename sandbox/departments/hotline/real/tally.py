"""Counts which records are served and which are refused, by source and reason."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):
    """A record that cannot be served; `reason` is a name, never what the record holds."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tally:
    """Counts per source."""

    def __init__(self) -> None:
        self._served: Counter[str] = Counter()
        self._refused: dict[str, Counter[str]] = {}

    @contextmanager
    def of(self, source: str) -> Iterator[None]:
        """Counts the record that is dealt with inside: served, or refused when `Refused` is raised."""
        reasons = self._refused.setdefault(source, Counter())
        try:
            yield
        except Refused as exc:
            reasons[exc.reason] += 1
        else:
            self._served[source] += 1

    def report(self) -> dict[str, object]:
        """`{"served": n, "refused": {reason: n}, "sources": {source: {"served": n, "refused": {…}}}}`."""
        sources = {
            source: {"served": self._served[source], "refused": dict(reasons)}
            for source, reasons in self._refused.items()
        }
        refused = sum(self._refused.values(), Counter[str]())
        return {"served": self._served.total(), "refused": dict(refused), "sources": sources}
