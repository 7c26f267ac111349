"""An operation of a port bound to the department that provides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from adapters.contract.errors import AdapterError
from adapters.contract.manifest import Manifest, Provided, kept_for, seconds
from adapters.contract.operations import Operation


@dataclass(frozen=True)
class Bound:
    """One operation, who provides it, how it behaves, and the adapter's method."""

    operation: Operation
    manifest: Manifest
    provided: Provided
    method: Callable[..., Awaitable[Any]]

    @cached_property
    def department(self) -> str:
        """The department's name."""
        return self.manifest.name

    @cached_property
    def port(self) -> str:
        """The name of the port that the operation belongs to."""
        return self.operation.port

    @cached_property
    def span_name(self) -> str:
        """What a call's span is called."""
        return f"{self.department} {self.operation.name}"

    @cached_property
    def timeout(self) -> float:
        """Seconds that one call may take."""
        return seconds(self.provided.timeout)

    @cached_property
    def fresh_for(self) -> float:
        """Seconds that an answer is fresh."""
        return seconds(self.provided.fresh_for)

    @cached_property
    def kept_for(self) -> float:
        """Seconds that an answer is kept, fresh or not; 0 for none."""
        return kept_for(self.provided)

    @cached_property
    def freshness(self) -> timedelta:
        """How long an answer is fresh."""
        return timedelta(seconds=self.fresh_for)

    @cached_property
    def outlives(self) -> bool:
        """Whether an answer is kept for longer than it is fresh."""
        return self.kept_for > self.fresh_for

    @cached_property
    def stale_while_revalidate(self) -> float:
        """Seconds after freshness for which an answer may be served while it is asked for again."""
        return seconds(self.provided.stale_while_revalidate)

    @cached_property
    def stale_if_error(self) -> float:
        """Seconds after freshness for which an answer may be served in the place of a failure."""
        return seconds(self.provided.stale_if_error)

    def blame(self, error: AdapterError) -> AdapterError:
        """The error with the department and the operation on it."""
        error.department, error.operation = self.department, self.operation.name
        return error

    def error_code(self, error: AdapterError) -> str:
        """The stable code of a failure here, such as `CIV_TIMED_OUT`."""
        return f"{self.manifest.code}_{error.kind}"
