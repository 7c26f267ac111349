"""What a class of malformed requests is, and how their bytes are put together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

GRAPHQL = "application/graphql-response+json"


Make = Callable[[Random], bytes]
"""Makes the bytes of one request."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """One class: each request that it makes is another one, where that can be.

    It is `whole` when a server that took it would answer. Otherwise it is cut: the client leaves, and nobody waits.
    """

    name: str
    make: Make
    whole: bool = True


def http(method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, sized: bool = True) -> bytes:
    """A request as bytes, well-formed as HTTP if its parts are."""
    given = {"Host": "citygate.example", "Accept": GRAPHQL, **headers}
    if sized and (body or method == "POST"):
        given.setdefault("Content-Length", str(len(body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1", "replace") + body


def post(body: bytes, **headers: str) -> bytes:
    """A POST of JSON; header names with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http("POST", "/graphql", {"Content-Type": "application/json", **named}, body)


def asking(members: Any, **headers: str) -> bytes:
    """A POST of a request's members."""
    return post(json.dumps(members).encode("utf-8", "surrogatepass"), **headers)


def getting(**parameters: str) -> bytes:
    """A GET with parameters that are encoded already."""
    return http("GET", "/graphql?" + "&".join(f"{name}={value}" for name, value in parameters.items()), {})


def noise(random: Random, most: int) -> bytes:
    """So many bytes at most."""
    return random.randbytes(random.randint(1, most))


def word(random: Random) -> str:
    """Some letters."""
    return "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(3, 12)))


def always(raw: bytes) -> Make:
    """A class of one request."""
    return lambda _random: raw


def asking_for(members: Callable[[Random], Any]) -> Make:
    """A class of POSTs of a request's members."""
    return lambda random: asking(members(random))


GOOD = b'{"query": "{ departments { name } }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
