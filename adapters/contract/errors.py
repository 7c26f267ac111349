"""What can go wrong between the gateway and a department, sorted by what the caller can do.

    AdapterError
    ├── TryLater          the same call may succeed later (retryable)
    │   ├── Unavailable   the department says that it cannot answer; it may have acted before it failed
    │   │   ├── Unreachable  there is no connection: nothing was sent
    │   │   └── Interrupted  the connection broke after the request was sent
    │   ├── TimedOut      no answer before the deadline
    │   ├── QuotaExceeded the department's own limit is used up
    │   ├── Maintenance   the department has announced that it is closed
    │   └── NotRecorded   the gateway's own ledger cannot record an order, and nothing was sent
    ├── AskDifferently    the call itself must change
    │   ├── Rejected      the department understood and said no; `problems` says what a person can mend
    │   └── NotFound      the thing that the call names does not exist there
    └── TellTheOperator   nothing a person can do
        ├── Unauthorised  the department refuses the gateway's credentials
        ├── BadReply      the reply breaks the department's own contract
        ├── Ambiguous     a write was sent and its outcome is unknown
        └── NotOffered    no configured department provides the operation

Texts name the operation, the field and the limit; never an upstream body, a credential or personal data.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that a person can mend.

    `code` is stable upper snake case; `path` names the request's field (`("slot", "start")`), empty for the whole;
    `message` is in the caller's language where the department offers it.
    """

    code: str
    message: str
    path: tuple[str, ...] = ()


class AdapterError(Exception):
    """Base of everything an adapter raises; `kind` is the stable name that error codes are made of."""

    kind: ClassVar[str] = "ERROR"
    retryable: ClassVar[bool] = False

    def __init__(self, reason: str, *, wire_code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wire_code = wire_code
        self.department: str | None = None
        self.operation: str | None = None

    def __str__(self) -> str:
        where = " ".join(part for part in (self.department, self.operation) if part)
        code = f" [{self.wire_code}]" if self.wire_code else ""
        return f"{where}: {self.reason}{code}" if where else f"{self.reason}{code}"


class TryLater(AdapterError):
    """The same call may succeed later; `retry_after` is in seconds where the department says so."""

    retryable = True

    def __init__(self, reason: str, *, wire_code: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(reason, wire_code=wire_code)
        self.retry_after = retry_after


class Unavailable(TryLater):
    """The department says that it cannot answer now. A write may have happened before it failed."""

    kind = "UNAVAILABLE"


class Unreachable(Unavailable):
    """There is no connection to the department: nothing was sent."""


class Interrupted(Unavailable):
    """The connection broke after the request was sent: the department may have acted on it."""


class TimedOut(TryLater):
    """No answer before the deadline."""

    kind = "TIMED_OUT"


class QuotaExceeded(TryLater):
    """The department's own limit of calls is used up."""

    kind = "QUOTA_EXCEEDED"


class Maintenance(TryLater):
    """The department has announced that it is closed, until `until` where it says so."""

    kind = "MAINTENANCE"

    def __init__(
        self,
        reason: str,
        *,
        wire_code: str | None = None,
        retry_after: float | None = None,
        until: datetime | None = None,
    ) -> None:
        super().__init__(reason, wire_code=wire_code, retry_after=retry_after)
        self.until = until


class NotRecorded(TryLater):
    """The gateway's own ledger cannot record an order now: nothing was sent to the department."""

    kind = "NOT_RECORDED"


class AskDifferently(AdapterError):
    """The call itself must change before it can succeed."""


class Rejected(AskDifferently):
    """The department understood the call and said no."""

    kind = "REJECTED"

    def __init__(self, reason: str, *, problems: tuple[Problem, ...] = (), wire_code: str | None = None) -> None:
        super().__init__(reason, wire_code=wire_code)
        self.problems = problems


class NotFound(AskDifferently):
    """The thing that the call names does not exist at the department."""

    kind = "NOT_FOUND"


class TellTheOperator(AdapterError):
    """Nothing that the caller can do; an operator must look."""


class Unauthorised(TellTheOperator):
    """The department refuses the gateway's own credentials."""

    kind = "UNAUTHORISED"


class BadReply(TellTheOperator):
    """The reply breaks the department's contract: `reason` says which part, never what it held."""

    kind = "BAD_REPLY"


class Ambiguous(TellTheOperator):
    """A write was sent and its outcome is unknown: read back before sending again."""

    kind = "AMBIGUOUS"


class NotOffered(TellTheOperator):
    """No configured department provides the operation."""

    kind = "NOT_OFFERED"
