"""How a department may be called, as its owner and the operator agree on it: data only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from adapters.contract.manifest import Count, Duration, Quota, Timeout
from adapters.contract.opening_hours import OpeningHours


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class BreakerPolicy(_Strict, frozen=True):
    """When a department is left alone: after `failures` within `window`, if they are at least half of the calls.

    After `open_for` one call is let through; what becomes of it decides.
    """

    failures: Count = 5
    window: Timeout = "30s"
    open_for: Timeout = "5s"


class RetryPolicy(_Strict, frozen=True):
    """How often a call that failed is repeated at most, and what share of all calls such repetitions may be."""

    at_most: Annotated[int, msgspec.Meta(ge=0, le=5)] = 1
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1


class Closure(_Strict, frozen=True, rename={"start": "from"}):
    """A maintenance window. A moment without an offset is in the department's time zone."""

    start: datetime
    until: datetime

    def __post_init__(self) -> None:
        if (self.start.tzinfo is None) != (self.until.tzinfo is None):
            raise ValueError("from and until must both have an offset, or neither")
        if self.start >= self.until:
            raise ValueError(f"from is {self.start.isoformat()}; it must be before until, {self.until.isoformat()}")


class CallPolicy(_Strict, frozen=True):
    """How one process calls a department.

    At most `in_flight` calls are under way, and `waiting` more wait for at most `wait`. `longest_wait` bounds how long
    a reply's `Retry-After` is believed. Without `hours` it is always open; `maintenance` is above them.
    """

    in_flight: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 64
    waiting: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 128
    wait: Duration = "500ms"
    breaker: BreakerPolicy = BreakerPolicy()
    retries: RetryPolicy = RetryPolicy()
    quota: Quota | None = None
    longest_wait: Duration = "15m"
    time_zone: str = "Asia/Shanghai"
    hours: tuple[str, ...] = ()
    maintenance: tuple[Closure, ...] = ()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"time_zone is {self.time_zone!r}, which is not the name of a time zone") from None
        for line in self.hours:
            OpeningHours.of(line)
