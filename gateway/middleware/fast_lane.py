"""Shows the fast lane each answer that leaves, as far as it could be given again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import inf

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.contract.usage import Use
from gateway.fast_lane import ASKED, EXTENSION, Allowance, Asked, Credential, FastLane, Fields, Nobody, Said, lines
from gateway.graphql.answers import Kept
from gateway.graphql.endpoint import NoteKept
from gateway.headers import header
from gateway.middleware.telemetry import HEADER, server_span
from gateway.rates import FIELDS as RATE_FIELDS
from gateway.telemetry import Telemetry, TraceAtOnce
from resolvers.common.context import Viewer

StillValid = Callable[[bytes], Viewer | None]
AllowanceOf = Callable[[Scope, Viewer | None], Allowance | None]
METHODS = ("GET", "POST")
UNREPEATED = frozenset(RATE_FIELDS)
"""Header fields of an answer that are another one's no more: how much is left is said by answers of the long way."""
UNUSUAL = frozenset({b"expect", b"te", b"trailer", b"traceparent", b"transfer-encoding", b"upgrade"})
"""Header fields of requests that always go the long way."""


class FastLaneMiddleware:
    """Stands before everything that has a part in an answer of the route."""

    def __init__(self, app: ASGIApp, lane: FastLane, telemetry: Telemetry, route: str) -> None:
        self._app, self._lane = app, lane
        self._traces = {method: _trace(telemetry, method, route) for method in METHODS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = asked_in(scope)
        await self._app(scope, receive, send if asked is None else self._seeing(scope, asked, send))

    def _seeing(self, scope: Scope, asked: Asked, send: Send) -> Send:
        started: Message = {}

        async def seeing(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                started.update(message)
            elif asked.leases is not None and is_usual(scope):
                self._note(scope["method"], asked, started, message)

        return seeing

    def _note(self, method: str, asked: Asked, started: Message, message: Message) -> None:
        fields: Fields = [(name.lower(), value) for name, value in started["headers"] if name.lower() not in UNREPEATED]
        body, named = message.get("body", b""), dict(fields)
        whole = not message.get("more_body", False) and named.get(b"content-length") == b"%d" % len(body)
        if started["status"] != 200 or not whole or b"connection" in named:
            return
        said = Said(lines(fields) + b"\r\n", body, named.get(HEADER, b""))
        self._lane.note(asked, said, self._traces[method])


def _trace(telemetry: Telemetry, method: str, route: str) -> TraceAtOnce:
    name, attributes = server_span(method, route)
    return telemetry.at_once(name, {**attributes, "http.response.status_code": 200})


class _Credential:
    """A credential's lease: it runs as long as that is believed without asking anybody, to be the owner's if any."""

    __slots__ = ("_owner", "_still_valid", "said")

    def __init__(self, still_valid: StillValid, authorization: bytes, owner: Hashable | None) -> None:
        self._still_valid, self.said, self._owner = still_valid, authorization, owner

    @property
    def until(self) -> float:
        viewer = self._still_valid(self.said)
        if viewer is None or (self._owner is not None and viewer.audience != self._owner):
            return 0.0
        return inf


def leasing(still_valid: StillValid, allowance_of: AllowanceOf = lambda _scope, _viewer: None) -> NoteKept:
    """What tells the fast lane how long an answer and the credential that got it are good, and whom it is charged to.

    `still_valid` gives the person behind an `Authorization` header that is believed without asking anybody, or None:
    so expiry, the withdrawal of a key and a revocation end a lease. `allowance_of` is `RateLimits.said_by`.
    """

    def note(scope: Scope, kept: Kept, seen: Use | None) -> None:
        asked = asked_in(scope)
        if asked is not None:
            asked.seen = seen
            authorization = header(scope, b"authorization")
            asked.leases = (kept.lease, _credential(still_valid, authorization, kept.owner))
            asked.allowance = allowance_of(scope, None if authorization is None else still_valid(authorization))

    return note


def _credential(still_valid: StillValid, authorization: bytes | None, owner: Hashable | None) -> Credential:
    if authorization is not None:
        return _Credential(still_valid, authorization, owner)
    return Nobody() if owner is None else Nobody(until=0.0)


def asked_in(scope: Scope) -> Asked | None:
    """The request that the fast lane could not answer, where the server has left it."""
    extensions = scope.get("extensions") or {}
    found: Asked | None = extensions.get(EXTENSION, {}).get(ASKED)
    return found


def is_usual(scope: Scope) -> bool:
    """Whether nothing of a request asks for more than its answer on a kept connection."""
    if scope["method"] not in METHODS or scope["http_version"] != "1.1":
        return False
    return all(
        name not in UNUSUAL and (name != b"connection" or value.lower() == b"keep-alive")
        for name, value in scope["headers"]
    )
