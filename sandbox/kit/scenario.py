"""Misbehaviour on demand: what a scenario says, how it is read, and which one applies to a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

HEADER = "X-Sandbox-Scenario"
LONGEST = 3600.0
_FIELDS = frozenset({"kind", "seconds", "calls", "per", "operation", "times"})


class ScenarioError(ValueError):
    """A scenario that cannot be played; the message names the field, the value and what is allowed."""


class Kind(StrEnum):
    """What a department can be told to do wrong."""

    SLOW = "slow"
    HANG = "hang"
    ERROR = "error"
    INNER_FAULT = "inner_fault"
    MAINTENANCE = "maintenance"
    QUOTA = "quota"
    JUNK = "junk"
    DROP = "drop"
    LOST_ANSWER = "lost_answer"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One misbehaviour.

    `seconds`: how long `slow` waits or `maintenance` still lasts. `calls` in `per` seconds: the quota.
    `operation` limits it to one operation, `times` to that many calls; None means all of them.
    """

    kind: Kind
    seconds: float = 1.0
    calls: int = 0
    per: float = 60.0
    operation: str | None = None
    times: int | None = None

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> "Scenario":
        """Reads a scenario from JSON fields. Raises: ScenarioError."""
        if unknown := fields.keys() - _FIELDS:
            raise ScenarioError(f"unknown scenario field {min(unknown)!r}; known: {', '.join(sorted(_FIELDS))}")
        kind = _kind(fields.get("kind"))
        operation = fields.get("operation")
        if operation is not None and not isinstance(operation, str):
            raise ScenarioError(f"operation: {operation!r} is not a string")
        default_seconds = 600.0 if kind is Kind.MAINTENANCE else 1.0
        times = fields.get("times")
        return cls(
            kind,
            seconds=_number(fields, "seconds", default_seconds),
            calls=int(_number(fields, "calls", 0, highest=1_000_000)),
            per=_number(fields, "per", 60.0),
            operation=operation,
            times=None if times is None else int(_number(fields, "times", 1, lowest=1, highest=1_000_000)),
        )

    @classmethod
    def from_header(cls, value: str) -> "Scenario":
        """Reads `slow; seconds=2`: the kind, then fields. Raises: ScenarioError."""
        kind, *rest = (part.strip() for part in value.split(";"))
        fields: dict[str, object] = {"kind": kind}
        for part in filter(None, rest):
            name, _, text = part.partition("=")
            fields[name.strip()] = text.strip()
        return cls.of(fields)

    def as_json(self) -> dict[str, object]:
        """The scenario as the control endpoint shows it."""
        return {name: getattr(self, name) for name in sorted(_FIELDS)}


def _kind(value: object) -> Kind:
    try:
        return Kind(str(value))
    except ValueError:
        raise ScenarioError(f"kind: {value!r} is none of {', '.join(Kind)}") from None


def _number(
    fields: Mapping[str, object], name: str, default: float, *, lowest: float = 0, highest: float = LONGEST
) -> float:
    value = fields.get(name, default)
    try:
        number = float(str(value))
    except ValueError:
        raise ScenarioError(f"{name}: {value!r} is not a number") from None
    if not lowest <= number <= highest:
        raise ScenarioError(f"{name}: {value!r} is not between {lowest:g} and {highest:g}")
    return number
