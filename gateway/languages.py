"""Which of the city's two languages a client wants."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

DEFAULT: Final = "zh-CN"
LONGEST_HEADER = 1024


@lru_cache(maxsize=256)
def negotiate(accept_language: str | None) -> str:
    """`zh-CN` or `en` after `Accept-Language` (RFC 9110, 12.5.4); Chinese when it says nothing usable."""
    best, best_weight = DEFAULT, 0.0
    for part in (accept_language or "")[:LONGEST_HEADER].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = _OURS.get(tag.strip().lower().partition("-")[0])
        weight = _weight(parameters)
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best


_OURS = {"zh": "zh-CN", "en": "en"}


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
