"""How a department server is declared: its operations and how its protocol words a failure."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

NameOf = Callable[[Request], Awaitable[str]]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call to an operation, with its body already read."""

    request: Request
    operation: str
    body: bytes


class Faults(Protocol):
    """A department's failures, each worded in its own protocol."""

    def error(self, call: Call) -> Response:
        """The department failed."""
        ...

    def inner_fault(self, call: Call) -> Response:
        """The department failed and says so inside an answer that looks successful."""
        ...

    def maintenance(self, call: Call, until: datetime) -> Response:
        """Closed for maintenance until a moment with zone."""
        ...

    def quota(self, call: Call, retry_after: int) -> Response:
        """The quota is used up for that many seconds; the kit adds the `RateLimit-*` headers."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a department.

    `name` is what counters and scenarios call it (`appointments.mine`), or a function that tells it from the
    request, for protocols that send everything to one path. `token` marks the OAuth token endpoint, which is
    counted apart.
    """

    name: str | NameOf
    method: str
    path: str
    handler: Handler
    token: bool = False

    async def named(self, request: Request) -> str:
        """The operation's name for this request."""
        return self.name if isinstance(self.name, str) else await self.name(request)


async def _not_found(request: Request) -> Response:
    return PlainTextResponse(f"no operation at {request.method} {request.url.path}", status_code=404)


@dataclass(frozen=True, slots=True)
class Department:
    """A department server: what `build(city)` of a module in `sandbox.departments` returns.

    `reset` brings its state back to the seeded one. `unmatched` answers a path it does not know.
    """

    name: str
    faults: Faults
    operations: Sequence[Operation]
    reset: Callable[[], None] = lambda: None
    unmatched: Handler = field(default=_not_found)
