"""Counts what becomes of public records: served, or refused for a reason."""

from collections import Counter


class Tally:
    """One count per record; `report` is the answer of `GET /_sandbox/seed`."""

    def __init__(self) -> None:
        self._sources: dict[str, Counter[str]] = {}
        self._refused: Counter[str] = Counter()

    def serve(self, source: str) -> None:
        """One more record of a file is in the API's answers."""
        self._source(source)["served"] += 1

    def refuse(self, source: str, reason: str, count: int = 1) -> None:
        """Records of a file that the API does not show, and why."""
        self._source(source)["refused"] += count
        self._refused[reason] += count

    def report(self) -> dict[str, object]:
        """All counts."""
        return {
            "served": sum(counts["served"] for counts in self._sources.values()),
            "refused": dict(self._refused),
            "sources": {source: dict(counts) for source, counts in self._sources.items()},
        }

    def _source(self, source: str) -> Counter[str]:
        return self._sources.setdefault(source, Counter(served=0, refused=0))
