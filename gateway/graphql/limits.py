"""What one request may ask of the gateway before it is refused: the names, the bounds and the defaults, once."""

from typing import Annotated

import msgspec

MOST_ITEMS = 20_000
"""Items of all lists of one answer together."""
MOST_ERRORS = 1000
"""Errors of one answer."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of one answer's data."""
BODY_SECONDS = 10.0
"""How long a request's body may take."""

Positive = Annotated[int, msgspec.Meta(ge=1)]


class HTTPSizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes in bytes as they arrive, `headers` in lines."""

    header_bytes: Positive = 32 * 1024
    headers: Positive = 100
    url_bytes: Positive = 16 * 1024
    body_bytes: Positive = 256 * 1024


class HTTPLimits(HTTPSizes, frozen=True):
    """The sizes, and the time for the body in seconds."""

    body_seconds: float = BODY_SECONDS


class DocumentLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts: `characters` and `tokens` of the text; the others with fragments expanded.

    `fields` and `spreads` (of fragments) are those of all operations together, `depth`, `aliases` and
    `root_fields` those of one operation. The defaults let the introspection query of GraphiQL pass (depth 15).
    `requests` are those to departments that one operation may cause, see `gateway.graphql.cost`.
    """

    characters: Positive = 64 * 1024
    tokens: Positive = 2000
    depth: Positive = 16
    fields: Positive = 1000
    spreads: Positive = 500
    aliases: Positive = 50
    root_fields: Positive = 25
    requests: Positive = 50

    @property
    def lines(self) -> int:
        """Lines of the text: as many as there may be tokens and comments. Every error's place is found by lines."""
        return 2 * self.tokens

    @property
    def nesting(self) -> int:
        """Levels of selection sets: each of a field may be in a fragment's, and that in an inline fragment's."""
        return 3 * self.depth
