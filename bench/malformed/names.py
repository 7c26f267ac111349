"""Credentials that nobody gave out, and documents by names that are none."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from bench.malformed.request import GOOD, Make, Malformed, asking_for, noise, post, word


def tokens(token: str) -> Iterator[Malformed]:
    """Credentials that nobody gave out; each is made from one that somebody did."""
    head, claims, signature = token.split(".")

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    known = json.loads(base64.urlsafe_b64decode(head + "=="))
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    made: Mapping[str, Callable[[Random], str]] = {
        "no scheme": lambda _: token,
        "Basic": lambda _: "Basic YTpi",
        "DPoP": lambda _: f"DPoP {token}",
        "nothing": lambda _: "Bearer ",
        "noise": lambda random: f"Bearer {noise(random, 60).hex()}",
        "not ASCII": lambda _: f"Bearer {token}\u00e9",
        "with blanks": lambda _: f"Bearer {head} .{claims}.{signature}",
        "twice": lambda _: f"Bearer {token}, Bearer {token}",
        "very long": lambda random: "Bearer " + "x" * random.randint(8193, 20_000),
        "of dots": lambda random: "Bearer " + "." * random.randint(1, 100),
        "two parts": lambda _: f"Bearer {head}.{claims}",
        "alg none": lambda _: f"Bearer {part({**known, 'alg': 'none'})}.{claims}.",
        "alg HS256": lambda _: f"Bearer {part({**known, 'alg': 'HS256'})}.{claims}.{signature}",
        "alg of the wrong type": lambda _: f"Bearer {part({**known, 'alg': 5})}.{claims}.{signature}",
        "no kid": lambda _: f"Bearer {part({'alg': known['alg']})}.{claims}.{signature}",
        "kid of nobody": lambda random: f"Bearer {part({**known, 'kid': word(random)})}.{claims}.{signature}",
        "kid that is a path": lambda _: f"Bearer {part({**known, 'kid': '../../etc/passwd'})}.{claims}.{signature}",
        "critical extension": lambda _: f"Bearer {part({**known, 'crit': ['x']})}.{claims}.{signature}",
        "somebody else": lambda random: f"Bearer {head}.{part({**told, 'sub': word(random)})}.{signature}",
        "for ever": lambda _: f"Bearer {head}.{part({**told, 'exp': 2**60})}.{signature}",
        "claims of the wrong type": lambda _: f"Bearer {head}.{part([1, 2])}.{signature}",
        "claims very deep": lambda _: f"Bearer {head}.{base64.urlsafe_b64encode(b'[' * 4000).decode()}.{signature}",
        "signature changed": lambda random: f"Bearer {head}.{claims}.{noise(random, 64).hex()[: len(signature)]}",
        "signature cut": lambda random: f"Bearer {head}.{claims}.{signature[: random.randint(0, len(signature) - 2)]}",
    }
    for name, value in made.items():
        yield Malformed(f"token: {name}", _with(value))


def persisted() -> Iterator[Malformed]:
    """Documents by names that are none."""

    def named(**extension: Any) -> dict[str, Any]:
        return {"extensions": {"persistedQuery": {"version": 1, **extension}}}

    made: Mapping[str, Callable[[Random], Any]] = {
        "unknown digest": lambda random: named(sha256Hash=random.randbytes(32).hex()),
        "wrong digest": lambda random: {
            "query": "{ departments { name } }",
            **named(sha256Hash=random.randbytes(32).hex()),
        },
        "digest of nothing": lambda _: named(sha256Hash=""),
        "digest that is none": lambda random: named(sha256Hash=word(random) * 9),
        "digest of the wrong type": lambda _: named(sha256Hash=[1]),
        "version of tomorrow": lambda _: named(version=2, sha256Hash="0" * 64),
        "version that is true": lambda _: named(version=True, sha256Hash="0" * 64),
        "extension of the wrong type": lambda _: {"extensions": {"persistedQuery": "yes"}},
        "id of nobody": lambda random: {"documentId": word(random)},
        "id of a digest": lambda random: {"documentId": f"sha256:{random.randbytes(32).hex()}"},
        "id that is a path": lambda _: {"documentId": "../../config/gateway.yaml"},
        "id very long": lambda _: {"documentId": "x" * 100_000},
        "named twice": lambda _: {"documentId": "x", "query": "{ a }"},
    }
    for name, members in made.items():
        yield Malformed(f"persisted: {name}", asking_for(members))


def _with(authorization: Callable[[Random], str]) -> Make:
    return lambda random: post(GOOD, Authorization=authorization(random))
