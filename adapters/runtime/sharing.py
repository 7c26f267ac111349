"""With whom an answer may be shared: the one key of every cache and every shared flight, and a check beside it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import NamedTuple

import msgspec

from adapters.contract.city import Caller
from adapters.contract.manifest import Personal, Provided


class SharingKey(NamedTuple):
    """Everybody (`subject` is None) or one person, as seen on one ground. Compared by full equality.

    `basis` is None for the person: who acts for them shares with those who do so on the same ground, and with nobody
    of the actor's own.
    """

    subject: str | None
    basis: str | None = None

    @classmethod
    def of(cls, provided: Provided, caller: Caller) -> SharingKey:
        """The key of a caller's use of an operation.

        Raises: PermissionError when nobody is logged in and the operation is not declared public.
        """
        if provided.personal is Personal.PUBLIC:
            return cls(None)
        if caller.subject is None:
            raise PermissionError("the operation is personal, and nobody is logged in")
        return cls(caller.subject, caller.basis)


class SharedAcross(Exception):
    """What was made for one person was about to be handed to another: a fault of the gateway, and never served."""


class Shares:
    """Counts, by place, what was about to be handed to somebody for whom it was not made. All of them stay 0.

    What is kept or shared says for whom it was made, apart from the name that it is found by; where it is handed over
    the two are compared. So a name that leaves something out is a refusal and a count, and no leak.
    """

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()

    def count(self, place: str) -> None:
        """One was not handed over."""
        self.refused[place] += 1

    def refusal(self, place: str) -> SharedAcross:
        """The same as an error to raise."""
        self.count(place)
        return SharedAcross(place)


def person_tag(subject: str) -> str:
    """The tag of everything that is kept about a person."""
    return digest("person", subject)


def digests(common: Hashable, keys: Iterable[Hashable]) -> dict[Hashable, str]:
    """A name as of `digest` for each key, all of which have something in common."""
    begun = hashlib.blake2b(msgspec.json.encode(common), digest_size=20)
    names: dict[Hashable, str] = {}
    for key in keys:
        one = begun.copy()
        one.update(msgspec.json.encode(key))
        names[key] = one.hexdigest()
    return names


def digest(*parts: Hashable) -> str:
    """A name of 160 bits for what is kept, from which nothing can be read."""
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=20).hexdigest()
