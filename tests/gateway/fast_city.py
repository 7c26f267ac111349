"""A small city behind real sockets, with the fast lane and without: what a person reads, writes and may read."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from graphql import GraphQLError, GraphQLSchema, build_schema
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from adapters.contract.city import PersonalUse, Uses
from adapters.runtime import answers as answers_module
from adapters.runtime.answers import AnswerCache
from adapters.runtime.store import Store, open_store
from gateway import fast_lane as lane_module
from gateway import identity as identity_module
from gateway import revocations as revocations_module
from gateway import signing_keys as keys_module
from gateway.commands.fast_connections import connection_class
from gateway.fast_lane import FastLane
from gateway.graphql import answers as graphql_answers
from gateway.graphql.answers import Answers, Asker
from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.operation import Operations
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.witness import Witness
from gateway.headers import header
from gateway.identity import Identities
from gateway.languages import negotiate
from gateway.middleware.fast_lane import FastLaneMiddleware, leasing
from gateway.middleware.telemetry import TelemetryMiddleware
from gateway.rates import RateLimits
from gateway.stores import revocations_in
from gateway.telemetry import Telemetry, TelemetrySettings
from resolvers.common.context import Viewer
from tests.gateway.test_identity import TRUST, Issuer

GRAPHQL = "application/graphql-response+json"
PATIENCE = 10.0
TRACE = re.compile(rb"(?<=x-trace-id: )[0-9a-f]{32}|(?<=\"traceId\":\")[0-9a-f]{32}")
MINE, OURS = "{ mine }", "{ ours }"
SDL = """
type Query { mine(pad: String): String, ours(pad: String): String, broken: String }
type Mutation { write(text: String!): Boolean }
"""


class Clock:
    """The one time of everything that leases rest on."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    stands = SimpleNamespace(time=clock.time, monotonic=clock.monotonic)
    for module in (answers_module, graphql_answers, lane_module, identity_module, keys_module, revocations_module):
        monkeypatch.setattr(module, "time", stands)
    return clock


@dataclass
class Asking:
    viewer: Viewer | None
    locale: str
    uses: Uses = field(default_factory=Uses)

    @property
    def subject(self) -> str | None:
        return self.viewer.id if self.viewer else None

    @property
    def audience(self) -> Hashable:
        """With whom an answer may be shared."""
        return self.viewer.audience if self.viewer else None


@dataclass
class City:
    """What is written, and how often something was read or a request came to the application."""

    clock: Clock
    issuer: Issuer
    texts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    store: Store = field(default_factory=lambda: open_store("memory://"))
    revoking: bool = False
    witness: Witness | None = None
    limits: RateLimits | None = None

    def __post_init__(self) -> None:
        self.cache = AnswerCache(self.store, shared=False)
        self.revocations = revocations_in(self.store)
        self.identities = Identities(TRUST, self.issuer.fetch, self.revocations if self.revoking else None)

    async def keys_are_renewed(self) -> None:
        """Let a renewal end: it runs beside the requests."""
        if self.identities._keys._renewal:
            await self.identities._keys._renewal

    def schema(self) -> GraphQLSchema:
        schema = build_schema(SDL)
        assert schema.query_type
        assert schema.mutation_type
        query, mutation = schema.query_type.fields, schema.mutation_type.fields
        query["mine"].resolve, query["ours"].resolve, query["broken"].resolve = self.mine, self.ours, self.broken
        mutation["write"].resolve = self.write
        return schema

    async def mine(self, _root: Any, info: Any, pad: str = "") -> str:
        asking: Asking = info.context
        asking.uses.personal = True
        if asking.subject is None:
            raise GraphQLError("Who are you?", extensions={"code": "UNAUTHENTICATED"})
        return await self._read(asking.subject, asking, pad)

    async def ours(self, _root: Any, info: Any, pad: str = "") -> str:
        return await self._read("everybody", info.context, pad)

    async def broken(self, _root: Any, info: Any) -> str:
        await self._read("everybody", info.context, "")
        raise GraphQLError("Not on Sundays", extensions={"code": "CLOSED"})

    async def write(self, _root: Any, info: Any, text: str) -> bool:
        owner = "everybody" if text == "ours" else info.context.subject
        self.texts[owner] += 1
        self.cache.drop([owner])
        await self.store.drop_tags([owner])
        return True

    async def written_elsewhere(self, owner: str) -> None:
        """A write by another process: only the store hears of it."""
        self.texts[owner] += 1
        await self.store.drop_tags([owner])

    async def _read(self, owner: str, asking: Asking, pad: str) -> str:
        since = await self.store.generations([owner])
        asking.uses.note(since.tokens, self.clock.now + 300)
        if owner != "everybody":
            asking.uses.used(PersonalUse(owner, None, None, "office", "texts.of_person"), cached=False)
        return f"{owner} {self.texts[owner]} in {asking.locale} {pad}"

    async def context(self, scope: Scope, _request: GraphQLRequest) -> Asking:
        viewer = await self.identities.viewer(header(scope, b"authorization"))
        return Asking(viewer, negotiate((header(scope, b"accept-language") or b"").decode("latin-1")))


@dataclass
class Served:
    """A city at a port. `lane` is None where there is none."""

    city: City
    port: int
    lane: FastLane | None
    state: ServerState
    telemetry: Telemetry

    async def ask(self, request: bytes) -> bytes:
        """One request on a connection of its own."""
        async with connected(self.port) as wire:
            return await wire.ask(request)

    async def warm(self, request: bytes) -> bytes:
        """Ask so often that the lane, where there is one, has the answer."""
        return [await self.ask(request) for _ in range(3)][-1]


class Wire:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, *pieces: bytes) -> bytes:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if len(pieces) > 1:
                await asyncio.sleep(0.001)
        return await self.answer()

    async def answer(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            return head + await self.reader.readexactly(int(length[1]) if length else 0)

    async def end(self) -> bytes:
        """What still comes until the server closes."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def app_of(city: City, telemetry: Telemetry, lane: FastLane | None) -> ASGIApp:
    limits = city.limits
    endpoint = GraphQLEndpoint(
        Operations(city.schema()),
        context_for=city.context,
        answers=Answers(city.cache, lambda asking: Asker(asking.audience, asking.locale, asking.uses)),
        note_kept=leasing(city.identities.still_valid, *([limits.said_by] if limits else [])),
        charge=(lambda scope, asking, units: limits.charge(scope, asking.viewer, units)) if limits else None,
        witness=city.witness,
        result_extensions=lambda _context: _trace(),
    )
    traced: ASGIApp = TelemetryMiddleware(endpoint, telemetry, "/graphql")
    answering = traced if lane is None else FastLaneMiddleware(traced, lane, telemetry, "/graphql")

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        city.requests += 1
        await answering(scope, receive, send)

    return counting


def _trace() -> dict[str, str]:
    from gateway.tracing import trace_extension  # noqa: PLC0415  # the gateway's own

    return trace_extension()


@asynccontextmanager
async def serving(
    city: City, *, lane: FastLane | None, sample_ratio: float = 0.0, keep: int = 50, **options: Any
) -> AsyncIterator[Served]:
    telemetry = Telemetry(TelemetrySettings(sample_ratio=sample_ratio, keep_traces=keep))
    kind = connection_class(lane)
    app = app_of(city, telemetry, lane)
    config = uvicorn.Config(app, http=kind, lifespan="off", ws="none", log_config=None, **options)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Tue, 01 Jan 2030 00:00:00 GMT")]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(config, state, {}, loop), "127.0.0.1", 0)
    try:
        yield Served(city, server.sockets[0].getsockname()[1], lane, state, telemetry)
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        async with asyncio.timeout(PATIENCE):
            await server.wait_closed()
            while state.tasks or state.connections:  # noqa: ASYNC110  # plain sets
                await asyncio.sleep(0.001)
        telemetry.close()


def post(document: str, token: str | None = None, *, body: bytes | None = None, **headers: str) -> bytes:
    """A POST as bytes; header names with `_` for `-`, which stand above the usual ones."""
    body = json.dumps({"query": document}).encode() if body is None else body
    given = {"host": "citygate.example", "accept": GRAPHQL, "content-type": "application/json"}
    if token is not None:
        given["authorization"] = f"Bearer {token}"
    given["content-length"] = str(len(body))
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return b"POST /graphql HTTP/1.1\r\n" + _lines(given) + body


def get(document: str, token: str | None = None, **headers: str) -> bytes:
    """A GET as bytes."""
    given = {"host": "citygate.example", "accept": GRAPHQL}
    if token is not None:
        given["authorization"] = f"Bearer {token}"
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return f"GET /graphql?query={document.replace(' ', '%20')} HTTP/1.1\r\n".encode() + _lines(given)


def _lines(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n"


def without_trace(answer: bytes) -> bytes:
    return TRACE.sub(b"-", answer)


def traces(answer: bytes) -> list[bytes]:
    return TRACE.findall(answer)


def data(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])["data"]
