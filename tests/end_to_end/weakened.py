"""`citygate`, weakened on purpose in the way that WEAKENED names, so that an attack can be seen to succeed."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from typing import Any

from adapters.runtime import cache
from adapters.runtime.answers import KeptAnswer
from adapters.runtime.bound import Bound
from adapters.runtime.call import Calls
from adapters.runtime.sharing import SharingKey
from gateway import wiring
from gateway.__main__ import main
from gateway.graphql.answers import Question
from gateway.headers import header


def share_answers() -> None:
    """Whole answers are found without the person, and nobody looks whose they are."""
    Question.key = _without_person  # type: ignore[method-assign]
    everybodys: Any = property(lambda self: None, lambda self, owner: None)
    KeptAnswer.owner = everybodys  # type: ignore[misc]


def _without_person(self: Question, subject: Hashable | None) -> Hashable:
    return (self.document, self.variables, self.locale)


def share_records() -> None:
    """Records and shared calls are found without the person they are about, and nobody looks whose they are."""
    cache.names_here = _by_place
    Calls._require_own = lambda self, sharing, kept: None  # type: ignore[method-assign]


def _by_place(
    bound: Bound, sharing: SharingKey, variant: tuple[str, ...], keys: Iterable[Hashable]
) -> dict[Hashable, str]:
    return {key: f"{bound.operation.name} {variant} {place}" for place, key in enumerate(keys)}


def remember_connections() -> None:
    """Who has come first on a connection is who asks on it."""
    first: dict[Any, bytes | None] = {}

    def said(scope: Any, name: bytes) -> bytes | None:
        found = header(scope, name)
        return first.setdefault(tuple(scope["client"]), found) if name == b"authorization" else found

    wiring.header = said  # type: ignore[attr-defined]


if __name__ == "__main__":
    for weaken in os.environ["WEAKENED"].split(","):
        {"answers": share_answers, "records": share_records, "connections": remember_connections}[weaken]()
    main()
