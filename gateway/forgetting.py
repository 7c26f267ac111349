"""What one process has in memory about a person, and how all of it goes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.fast_lane import FastLane
from gateway.identity import Identities
from gateway.rates import RateLimits


class Answers(Protocol):
    """Whole answers that are kept."""

    def drop(self, tags: Collection[str]) -> int:
        """Forget those with one of the tags: how many."""
        ...

    def clear(self) -> None:
        """Forget all."""
        ...


@dataclass(frozen=True)
class Memory:
    """`tag_of` gives a person's tag; `forget_names` has no person remembered by one that was made."""

    answers: Answers
    lane: FastLane | None
    identities: Identities
    limits: RateLimits
    tag_of: Callable[[str], str]
    forget_names: Callable[[], None]

    def forget(self, tag: str) -> Mapping[str, int]:
        """Forget whom the tag is of: how many of what."""
        self.forget_names()
        return {
            "whole answers": self.answers.drop([tag]),
            "requests of the fast lane": self.lane.sweep() if self.lane is not None else 0,
            "verified tokens": self.identities.forget(lambda person: self.tag_of(person) == tag),
            "allowances": self.limits.forget(lambda who: self.tag_of(who) == tag),
        }

    def forget_all(self) -> None:
        """Forget everybody."""
        self.forget_names()
        self.answers.clear()
        self.identities.forget(lambda _person: True)
        self.limits.forget(lambda _who: True)
        if self.lane is not None:
            self.lane.sweep()
