"""Resolvers that can be asked about all objects of a level at once: what a list's rows have in common is done once."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from resolvers.common.context import Context
from resolvers.common.nodes import URL_SAFE

R = TypeVar("R", bound=Callable[..., Any])
OfAll = Callable[[Context, Sequence[Any]], Sequence[Any] | None]
"""What a resolver gives for each of many objects, or None, or a LookupError, where it is to be asked about each."""


def at_once(of_all: OfAll) -> Callable[[R], R]:
    """Declare how a resolver without arguments answers for many objects.

    The answers are those that it gives for each, and asking for them changes nothing: it may be asked again.
    """

    def declare(resolver: R) -> R:
        resolver.of_all = of_all  # type: ignore[attr-defined]
        return resolver

    return declare


def ids(kind: str, local: str = "id") -> OfAll:
    """As `global_id` of a kind for what each object has as `local`."""
    prefix, local_of = f"{kind}:".encode(), attrgetter(local)

    def of_all(_context: Context, objects: Sequence[Any]) -> Sequence[str]:
        lines = [binascii.b2a_base64(prefix + local_of(one).encode()) for one in objects]
        return b"".join(lines).translate(URL_SAFE, b"=").decode().split("\n")[:-1]

    return of_all


def found_ahead(name: str, key: str) -> OfAll:
    """What `Context.read_ahead` found under a name for what each object has as `key`."""
    key_of = attrgetter(key)

    def of_all(context: Context, objects: Sequence[Any]) -> Sequence[Any] | None:
        ahead = context.ahead.get(name)
        return None if ahead is None else [ahead[key_of(one)] for one in objects]

    return of_all
