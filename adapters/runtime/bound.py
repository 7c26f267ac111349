"""An operation of a port bound to the department that provides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adapters.contract.errors import AdapterError
from adapters.contract.manifest import Manifest, Provided, seconds
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
        """Seconds that an answer is kept; 0 for none."""
        return seconds(self.provided.fresh_for)

    def blame(self, error: AdapterError) -> AdapterError:
        """The error with the department and the operation on it."""
        error.department, error.operation = self.department, self.operation.name
        return error

    def error_code(self, error: AdapterError) -> str:
        """The stable code of a failure here, such as `CIV_TIMED_OUT`."""
        return f"{self.manifest.code}_{error.kind}"
