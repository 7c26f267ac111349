"""Which media type a request body has, and which one its answer gets (RFC 9110, sections 8.3 and 12.5.1)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
OFFICIAL = (GRAPHQL_RESPONSE, JSON)

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_UTF_8 = frozenset({"utf-8", "utf8"})


class MediaRange(NamedTuple):
    """One element of an Accept header, or a Content-Type: `type/subtype` and parameters, in lower case."""

    name: str
    parameters: dict[str, str]

    @property
    def is_utf_8(self) -> bool:
        """Whether the encoding is UTF-8, said or by default."""
        return self.parameters.get("charset", "utf-8") in _UTF_8

    @property
    def weight(self) -> float | None:
        """The `q` of an Accept element, 1 by default, None where it is malformed."""
        weight = self.parameters.get("q", "1")
        return float(weight) if _WEIGHT.fullmatch(weight) else None


@lru_cache(maxsize=64)
def parse(text: str) -> MediaRange:
    """Take one media type or range apart; a parameter without a value is ignored."""
    name, *parameters = text.lower().split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return MediaRange(name.strip(), {key.strip(): value.strip().strip('"') for key, _, value in pairs if value})


@lru_cache(maxsize=64)
def negotiate(accept: bytes | None) -> str | None:
    """Choose the official media type of a successful answer; None when the client accepts neither.

    A client that does not name application/graphql-response+json is a legacy client by the
    specification, so a wildcard or no header at all gets application/json.
    """
    ranges = list(_ranges(b"*/*" if accept is None else accept))
    weights = {name: _weight(name, ranges) for name in OFFICIAL}
    named = any(media_range.name == GRAPHQL_RESPONSE for media_range in ranges)
    order = OFFICIAL if named else OFFICIAL[::-1]
    best = max(order, key=weights.__getitem__)
    return best if weights[best] > 0 else None


@lru_cache(maxsize=64)
def names_official(accept: bytes) -> bool:
    """Tell whether an Accept header spells out one of the official media types."""
    return any(media_range.name in OFFICIAL for media_range in _ranges(accept))


def _ranges(accept: bytes) -> Iterator[MediaRange]:
    for element in accept.decode("latin-1").split(","):
        media_range = parse(element)
        if media_range.weight is not None and media_range.is_utf_8:
            yield media_range


def _weight(name: str, ranges: list[MediaRange]) -> float:
    """The weight of the most specific range that matches, 0 without a match."""
    for wanted in (name, "application/*", "*/*"):
        weights = [r.weight for r in ranges if r.name == wanted and r.weight is not None]
        if weights:
            return max(weights)
    return 0.0
