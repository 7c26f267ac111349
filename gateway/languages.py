"""Which of the city's two languages a client wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

DEFAULT: Final = "zh-CN"
LONGEST_HEADER = 1024


OURS: Final = (DEFAULT, "en")
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(;.*)?", re.DOTALL)
_WEIGHT = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.IGNORECASE)


@lru_cache(maxsize=256)
def negotiate(accept_language: str | None) -> str:
    """`zh-CN` or `en` after `Accept-Language` (RFC 9110, 12.5.4); Chinese when it says nothing usable.

    The longest range that covers a language weighs it (`zh` covers `zh-CN`); a relative of it (`zh-TW`, `en-GB`)
    does where none covers it, and `*` where not even that. What is refused (`q=0`) loses to what is not.
    """
    ranges = dict(reversed(list(_ranges((accept_language or "")[:LONGEST_HEADER]))))
    order = list(reversed(ranges))
    weighed = {language: _weigh(language, ranges, order) for language in OURS}
    return max(OURS, key=lambda language: weighed[language])


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Language ranges in lower case with their weights, the first of several alike; what is none is passed over."""
    for part in header.split(","):
        found = _RANGE.fullmatch(part)
        if found:
            tag, parameters = found.groups()
            weight = _WEIGHT.search(parameters or ";q=1")
            if weight:
                yield tag.lower(), float(weight[1])


def _weigh(language: str, ranges: Mapping[str, float], order: Sequence[str]) -> tuple[float, int]:
    """A language's weight, and how early in the header it is named: higher is better in both."""
    language = language.lower()
    primary = language.partition("-")[0]
    covering = [tag for tag in order if f"{language}-".startswith(f"{tag}-")]
    related = [tag for tag in order if tag.startswith(f"{primary}-") and ranges[tag] > 0]
    if covering:
        tag = max(covering, key=len)
    elif related:
        tag = max(related, key=lambda each: ranges[each])
    elif "*" in ranges:
        tag = "*"
    else:
        return _UNNAMED, 0
    return ranges[tag], -order.index(tag)


_UNNAMED = 0.0001
"""Less than any weight that can be given, and more than a refusal."""
