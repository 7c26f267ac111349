"""The fast lane: an answer that is kept, given again to the same bytes before anything is taken apart.

A request that came in one piece is its own key, credentials and all, so that nobody gets what somebody else has asked
for. What the long way has found out about it holds until one of two leases ends: the answer's, which a write, a
comparison that is due and the answer's lifetime end; and the credential's, which its expiry and its key's withdrawal
end. What is not certain goes the long way, which may note it here again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from adapters.contract.usage import Recorder, Use

LONGEST_REQUEST: Final = 16 * 1024
LONGEST_RESPONSE: Final = 64 * 1024
ENTRY_BYTES: Final = 1024
"""What an entry costs in memory beside request and response."""
EXTENSION: Final = "citygate.fast_lane"
"""Among the `extensions` of an ASGI scope, that of a request that could be answered here next time."""
ASKED: Final = "asked"
"""Its one entry, an `Asked`."""

Fields = Sequence[tuple[bytes, bytes]]
Trace = Callable[[float], bytes]
"""Traces a request that began at a time (seconds since the epoch): its trace id, empty when nothing is traced."""


class Lease(Protocol):
    """Something that holds until a moment (seconds since the epoch), which may come to be earlier."""

    @property
    def until(self) -> float:
        """When it ends; 0 once it has ended early."""
        ...


class Allowance(Protocol):
    """How many answers who asks may have yet."""

    left: float


@dataclass(slots=True)
class Unlimited:
    """The allowance of whom nobody counts."""

    left: float = float("inf")


UNLIMITED: Final = Unlimited()


class Credential(Lease, Protocol):
    """What an answer was given for; it holds as long as it is believed to be its owner's."""

    @property
    def said(self) -> bytes:
        """How it stands in a request that may have the answer; empty for an answer that is everybody's."""
        ...


@dataclass(slots=True)
class Nobody:
    """The credential of who needs none."""

    until: float = float("inf")
    said: bytes = b""


@dataclass(slots=True, eq=False)
class Asked:
    """A request in one piece, and the leases under which its answer may be given again, once the endpoint says so.

    Each time it costs one of `allowance`, or of the connection's own where the request does not say who asks. `seen` is
    what of a person is seen each time.
    """

    request: bytes = field(repr=False)
    leases: tuple[Lease, Credential] | None = None
    allowance: Allowance | None = None
    seen: Use | None = field(default=None, repr=False)


class Said(NamedTuple):
    """A response as the application gave it, but for `trace_id`, which is in it twice, or nowhere when it is empty."""

    head: bytes
    body: bytes
    trace_id: bytes


class Answer:
    """An answer that may be given again, in the parts between which the trace id stands.

    What its request says of the credential is there at `said_at`; `seen` is what of a person is in it.
    """

    __slots__ = ("allowance", "answer", "credential", "parts", "said", "said_at", "seen", "size", "trace")

    def __init__(self, asked: Asked, leases: tuple[Lease, Credential], parts: tuple[bytes, ...], trace: Trace) -> None:
        self.answer, self.credential = leases
        self.allowance = asked.allowance
        self.said = self.credential.said
        self.said_at = asked.request.index(self.said)
        self.parts = parts
        self.trace = trace
        self.seen = asked.seen
        self.size = sum(map(len, parts)) + ENTRY_BYTES


class FastLane:
    """Answers of one process by the bytes of their requests, bounded by the bytes of both.

    `misdirected` is told of one that was found for a request without its credential, and not given to it. `answered`
    counts those that were given. `allowance_of` gives the allowance of an address. What of a person is in an answer is
    given to the `recorder` whenever it leaves; without one, it never leaves here.
    """

    def __init__(
        self,
        max_bytes: int,
        misdirected: Callable[[], None] = lambda: None,
        allowance_of: Callable[[str], Allowance] = lambda _address: UNLIMITED,
        recorder: Recorder | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._misdirected = misdirected
        self.allowance_of = allowance_of
        self._recorder = recorder
        self.answered = 0
        self._bytes = 0
        self._answers: dict[bytes, Answer] = {}
        self._common: Fields = ()
        self._start = _start(())
        self._looked_at = 0.0

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, request: bytes, own: Allowance = UNLIMITED) -> Answer | None:
        """The answer that a request may have now, taken from its allowance or from the connection's own."""
        found = self._answers.get(request)
        if found is None:
            return None
        self._looked_at = now = time.time()
        if now >= found.answer.until or now >= found.credential.until:
            return None
        if not request.startswith(found.said, found.said_at):
            self._misdirected()
            return None
        allowance = found.allowance or own
        if allowance.left < 1 or (found.seen is not None and not self._may_be_seen(now)):
            return None
        allowance.left -= 1
        return found

    def response(self, answer: Answer, common: Fields) -> bytes:
        """The answer just found, as bytes, with the server's own header fields and a trace of its own."""
        if common is not self._common:
            self._common, self._start = common, _start(common)
        self.answered += 1
        trace = answer.trace(self._looked_at)
        if answer.seen is not None and self._recorder is not None:
            self._recorder.append((answer.seen, self._looked_at, trace))
        if trace:
            head, body, end = answer.parts
            return b"".join((self._start, head, trace, body, trace, end))
        return self._start + answer.parts[0]

    def _may_be_seen(self, now: float) -> bool:
        return self._recorder is not None and self._recorder.accepts(now)

    def note(self, asked: Asked, said: Said, trace: Trace) -> None:
        """Give this answer to this request for as long as its leases run, and trace each time."""
        if asked.leases is None or asked.leases[1].said not in asked.request:
            return
        parts = _parts(said)
        answer = Answer(asked, asked.leases, parts, trace)
        cost = len(asked.request) + answer.size
        if len(parts) != (3 if said.trace_id else 1) or answer.size > LONGEST_RESPONSE or cost > self._max_bytes // 8:
            return
        self._forget(asked.request)
        self._answers[asked.request] = answer
        self._bytes += cost
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._answers)))

    def sweep(self) -> int:
        """Forget what may not be given any more: how many."""
        now = time.time()
        ended = [
            request
            for request, one in self._answers.items()
            if not (now < one.answer.until and now < one.credential.until)
        ]
        for request in ended:
            self._forget(request)
        return len(ended)

    def close(self) -> None:
        """Answer nothing more."""
        self._max_bytes = self._bytes = 0
        self._answers.clear()

    def _forget(self, request: bytes) -> None:
        answer = self._answers.pop(request, None)
        if answer is not None:
            self._bytes -= len(request) + answer.size


def _parts(said: Said) -> tuple[bytes, ...]:
    whole = said.head + said.body
    return tuple(whole.split(said.trace_id)) if said.trace_id else (whole,)


def _start(common: Fields) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + lines(common)


def lines(fields: Fields) -> bytes:
    """Header fields as they are sent."""
    return b"".join(b"%b: %b\r\n" % one for one in fields)
