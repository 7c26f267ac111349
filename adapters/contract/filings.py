"""Orders on their way to a department, as the gateway's ledger has them, and what a write through it returns."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from adapters.contract.records import Record

R = TypeVar("R")


class FilingStatus(Enum):
    """`PENDING` awaits the department and the gateway asks again; `NEEDS_ATTENTION` awaits the city's human desk."""

    PENDING = "pending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    NEEDS_ATTENTION = "needs_attention"
    NOT_DELIVERED = "not_delivered"


class Filing(Record, frozen=True):
    """One order to one department. `id` is our reference, by which the department may know it too.

    `next_attempt_at` is set while it is pending. `department_reference` is the department's own id of what the order
    led to, once it is delivered and where the department gives one. `actor` is who gave it on the person's behalf.
    """

    id: str
    department: str
    operation: str
    status: FilingStatus
    submitted_at: datetime
    updated_at: datetime
    next_attempt_at: datetime | None = None
    department_reference: str | None = None
    actor: str | None = None


class WithoutRecord(Exception):
    """The ledger has the order and there is no record to show: `filing` says why, mostly because it is pending."""

    def __init__(self, filing: Filing) -> None:
        super().__init__(f"{filing.department} {filing.operation}: {filing.status.value}")
        self.filing = filing


class Writing(Coroutine[Any, Any, R], Generic[R]):
    """A write through the runtime: awaiting it gives the record; `filing` then says how the ledger has the order.

    Awaiting raises what the port's method raises, and WithoutRecord. `filing` is None when the ledger took no order.
    """

    def __init__(self, work: Callable[[Writing[R]], Coroutine[Any, Any, R]]) -> None:
        self.filing: Filing | None = None
        self._work = work(self)

    def __await__(self) -> Generator[Any, Any, R]:
        return self._work.__await__()

    def send(self, value: Any) -> Any:
        """As a coroutine's."""
        return self._work.send(value)

    def throw(self, *raised: Any) -> Any:
        """As a coroutine's."""
        return self._work.throw(*raised)

    def close(self) -> None:
        """As a coroutine's."""
        self._work.close()


def filing_of(write: object) -> Filing | None:
    """How the ledger has the order of a write that was awaited; None when it did not come through the runtime."""
    return write.filing if isinstance(write, Writing) else None
