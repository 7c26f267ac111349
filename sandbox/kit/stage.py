"""Which scenario applies to a call, and how many calls a quota has left."""

import time
from dataclasses import replace

from sandbox.kit.scenario import Kind, Scenario


class Stage:
    """The scenarios that are on, by operation (None: every operation), and the quota each has counted."""

    def __init__(self) -> None:
        self._on: dict[str | None, Scenario] = {}
        self._quotas: dict[str | None, Quota] = {}

    def put(self, scenario: Scenario) -> None:
        """Switches a scenario on, in place of the one for the same operation."""
        self.clear(scenario.operation)
        self._on[scenario.operation] = scenario
        if scenario.kind is Kind.QUOTA:
            self._quotas[scenario.operation] = Quota(scenario.calls, scenario.per)

    def clear(self, operation: str | None = None) -> None:
        """Switches the scenario for one operation off (None: the one for every operation)."""
        self._on.pop(operation, None)
        self._quotas.pop(operation, None)

    def clear_all(self) -> None:
        """Switches everything off."""
        self._on.clear()
        self._quotas.clear()

    def on(self) -> list[Scenario]:
        """What is switched on now."""
        return list(self._on.values())

    def take(self, operation: str) -> Scenario | None:
        """The scenario for this call, one of its `times` used up."""
        key = operation if operation in self._on else None
        scenario = self._on.get(key)
        if scenario is None or scenario.times is None:
            return scenario
        if scenario.times <= 1:
            self.clear(key)
        else:
            self._on[key] = replace(scenario, times=scenario.times - 1)
        return scenario

    def quota(self, scenario: Scenario) -> "Quota":
        """The running count of a quota scenario; a count of its own for one that came in a header."""
        return self._quotas.get(scenario.operation) or Quota(scenario.calls, scenario.per)


class Quota:
    """Counts calls in windows of `per` seconds, each opened by its first call."""

    def __init__(self, calls: int, per: float) -> None:
        self.limit = calls
        self._per = per
        self._ends = 0.0
        self._used = 0

    def admit(self) -> bool:
        """Counts one call; False when the window is used up."""
        now = time.monotonic()
        if now >= self._ends:
            self._ends, self._used = now + self._per, 0
        self._used += 1
        return self._used <= self.limit

    def headers(self) -> dict[str, str]:
        """`RateLimit-*` as of now; `Reset` in whole seconds, rounded up."""
        left = max(0.0, self._ends - time.monotonic())
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self._used)),
            "RateLimit-Reset": str(int(-(-left // 1))),
        }
