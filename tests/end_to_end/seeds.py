"""Unmistakable secrets, and the search for each of them in whatever it may be written in."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

SEEDS = {
    "name": "Quartz Tourmaline 石英",
    "email": "tourmaline@obsidian.example",
    "phone": "10091732546",
    "address": "Zircon Alley 77 锆石巷",
    "words": "beneath the manhole lies a carbuncle 红榴石",
    "title": "Garnet & Daughters teahouse",
    "purpose": "for the divorce of beryl",
    "answer": "chrysoberyl answer",
    "photo": "https://photos.example/labradorite.jpg",
    "key": "key-obsidian-4471",
    "mutation": "mutation-jadeite-9",
    "search": "peridot allowance",
    "number": "917325468",
    "latitude": "30.4517733",
    "longitude": "114.4117733",
    "amount": "8173.55",
    "junk": "amazonite-unknown-value",
    "token": "Bearer.moldavite.token",
}
SHORTEST = 5
_PERSONAL = ("name", "full", "number", "trackingNumber", "id", "documentUrl")


def harvested(answer: Any, key: str = "") -> Iterator[str]:
    """What an answer's `viewer` holds of that person and of nobody else: names, days, first lines of addresses, ids."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            yield from harvested(value, f"{key}.{name}")
    elif isinstance(answer, list):
        for value in answer[:1] if key.endswith(".lines") else answer:
            yield from harvested(value, key)
    elif isinstance(answer, str) and _is_personal(key):
        yield answer
        if key.endswith(".id"):
            yield base64.urlsafe_b64decode(answer + "=" * (-len(answer) % 4)).decode().partition(":")[2]


def _is_personal(key: str) -> bool:
    if ".services." in key or ".kind." in key:
        return False
    return key.rpartition(".")[2] in _PERSONAL or key.endswith((".lines", "birth.date.value", "beganOn.value"))


class Search:
    """Finds secrets in bytes, in any of the writings that a text goes through on its way out."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._needles = {
            needle.lower(): secret
            for secret in secrets
            if len(secret) >= SHORTEST or not secret.isascii()
            for needle in _writings(secret)
        }

    def __len__(self) -> int:
        return len(set(self._needles.values()))

    def found(self, where: bytes) -> list[str]:
        """The secrets that are in some bytes."""
        lowered = where.lower()
        return sorted({secret for needle, secret in self._needles.items() if needle in lowered})


def _writings(secret: str) -> Iterator[bytes]:
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    for text in (
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        "".join(f"&#{ord(letter)};" if ord(letter) > 127 else letter for letter in secret),
    ):
        yield text.encode()
    yield secret.encode("utf-16-le")
    for offset in range(3):  # base64 of a text within a text depends on where it begins
        padded = base64.b64encode(b"\0" * offset + raw)
        inner = padded[(0, 2, 3)[offset] : len(padded) - 4 if (len(raw) + offset) % 3 else None]
        if len(inner) >= 8:
            yield inner
            yield inner.translate(bytes.maketrans(b"+/", b"-_"))
