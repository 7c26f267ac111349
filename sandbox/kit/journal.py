"""What a department server remembers of the calls it received: counts, headers, and who asked about whom."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from starlette.requests import Request

REMEMBERED = 2000
_INTERESTING = frozenset(
    {"traceparent", "tracestate", "accept", "accept-language", "correlationid", "information-mediator-client"}
)
_INTERESTING_PREFIXES = ("x-", "gov-")
_SECRET = frozenset({"x-api-key", "x-auth-token"})


@dataclass(frozen=True, slots=True)
class Received:
    """One call as it came in, without its body."""

    at: str
    operation: str
    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """Who asked about whom; the fields are those of X-Road's `findUsage`, plus `subject`."""

    logtime: str
    action: str
    receiverCode: str
    receiverName: str
    receiverSystem: str
    subject: str | None = None


@dataclass
class Journal:
    """Counters and bounded rings of one department server."""

    total: int = 0
    tokens: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    received: deque[Received] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    usages: deque[Usage] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def count(self, operation: str, request: Request, *, token: bool) -> None:
        """Counts one call; a call for an OAuth token apart from the others."""
        if token:
            self.tokens += 1
        else:
            self.total += 1
            self.operations[operation] += 1
        headers = dict(_interesting(request.headers))
        self.received.append(Received(_now(), operation, request.method, request.url.path, headers))

    def counts(self, *, detail: bool) -> dict[str, object]:
        """The answer of `GET /_sandbox/calls`."""
        counts: dict[str, object] = {
            "total": self.total,
            "operations": dict(self.operations),
            "tokens": self.tokens,
        }
        if detail:
            counts["calls"] = [asdict(call) for call in self.received]
        return counts

    def usages_of(self, subject: str, *, offset: int = 0, limit: int = REMEMBERED) -> tuple[int, list[Usage]]:
        """How many uses there are of a person's data, and a part of them, newest first."""
        found = [use for use in reversed(self.usages) if use.subject == subject]
        return len(found), found[offset:][:limit]

    def forget_calls(self) -> None:
        """Back to zero; usages stay, as they would in a register."""
        self.total = self.tokens = 0
        self.operations.clear()
        self.received.clear()


def note_usage(
    request: Request, *, subject: str | None, action: str | None = None, receiver: str | None = None
) -> None:
    """Records in the register's log that `receiver` asked about the person or company `subject`.

    Without `receiver` the client that the X-Road or GovStack header names; without `action` the operation.
    """
    client = receiver or _client(request)
    journal: Journal = request.app.state.journal
    action = action or str(request.scope.get("sandbox.operation", ""))
    system = request.headers.get("x-road-userid") or request.headers.get("user-agent", "")
    journal.usages.append(Usage(_now(), action, client, client.rsplit("/", 1)[-1], system, subject))


def _client(request: Request) -> str:
    headers = request.headers
    return headers.get("x-road-client") or headers.get("information-mediator-client") or "unknown"


def _interesting(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        known = name in _INTERESTING or name.startswith(_INTERESTING_PREFIXES)
        if known and name not in _SECRET:
            yield name, value[:500]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
