"""What one request may ask of the gateway before it is refused."""

from dataclasses import dataclass

MOST_ITEMS = 20_000
"""Items of all lists of one answer together."""
MOST_ERRORS = 1000
"""Errors of one answer."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of one answer's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPLimits:
    """Sizes in bytes as they arrive, `headers` in lines, time in seconds."""

    header_bytes: int = 32 * 1024
    headers: int = 100
    url_bytes: int = 16 * 1024
    body_bytes: int = 256 * 1024
    body_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """Counts: `characters` and `tokens` of the text; the others with fragments expanded.

    `fields` and `spreads` (of fragments) are those of all operations together, `depth`, `aliases` and
    `root_fields` those of one operation. The defaults let the introspection query of GraphiQL pass (depth 15).
    `requests` are those to departments that one operation may cause, see `gateway.graphql.cost`.
    """

    characters: int = 64 * 1024
    tokens: int = 2000
    depth: int = 16
    fields: int = 1000
    spreads: int = 500
    aliases: int = 50
    root_fields: int = 25
    requests: int = 50

    @property
    def lines(self) -> int:
        """Lines of the text: as many as there may be tokens and comments. Every error's place is found by lines."""
        return 2 * self.tokens

    @property
    def nesting(self) -> int:
        """Levels of selection sets: each of a field may be in a fragment's, and that in an inline fragment's."""
        return 3 * self.depth
