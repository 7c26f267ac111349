"""What happens to a department, step by step, and with which errors its part of an answer may fail meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

RETRYABLE: Mapping[str, bool] = {"TIMED_OUT": True, "UNAVAILABLE": True, "BAD_REPLY": False}
"""Whether an error may go away if the same is asked again, by its kind: the code without the department's letters."""
KILLED = "killed"
Step = Mapping[str, Any] | str
"""A scenario of the sandbox's, or `KILLED`."""


class Process(Protocol):
    """A server that can be killed and started again at the same address."""

    def kill(self) -> None:
        """End it as a power cut would."""
        ...

    def start(self) -> None:
        """Start it, and wait until it answers."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """Steps that follow each other, each for `seconds`; a death comes last.

    `kinds` are those of the errors that may come of them. `felt` says that its part cannot come meanwhile.
    """

    name: str
    steps: Sequence[Step]
    seconds: float
    kinds: frozenset[str] = field(default=frozenset({"UNAVAILABLE"}))  # the breaker's, whatever happened
    felt: bool = True


HANGS = Trouble("hangs", [{"kind": "hang"}], 5.0, frozenset({"TIMED_OUT", "UNAVAILABLE"}))
DIES = Trouble("dies", [KILLED], 4.0)
JUNK = Trouble("answers junk", [{"kind": "junk"}], 4.0, frozenset({"BAD_REPLY", "UNAVAILABLE"}))
SLOWS = Trouble(
    "slows by steps",
    [{"kind": "slow", "seconds": seconds} for seconds in (0.2, 0.7, 1.4, 4.0)],
    1.5,
    frozenset({"TIMED_OUT", "UNAVAILABLE"}),
    felt=False,
)
"""The last step is longer than any department's timeout; what is asked in it may be given up after it."""
TROUBLES = (HANGS, DIES, JUNK, SLOWS)
