"""A small schema behind the endpoint, a real server before it, and clients that speak HTTP or bytes."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import uvicorn
from graphql import GraphQLError, GraphQLSchema, build_schema
from starlette.types import ASGIApp

from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.operation import Operations

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
SECRET = "Zhang San 420106199001011234"

SDL = """
scalar Any
input Period { from: Int!, to: Int }
type Query {
  greeting(name: String = "Wuhan"): String
  number(of: Int!): Int
  length(period: Period!): Int
  echo(value: Any): Any
  context: Any
  broken: String
  brokenHard: String!
  refused: String
  misfit: Int
  surrogate: Any
  huge: Any
  unspeakable: Any
  slow: [String]
  self: Query
}
type Mutation { increment: Int! }
type Subscription { ticks: Int }
"""


@dataclass
class City:
    """What the resolvers of the test schema saw and did."""

    increments: int = 0
    executed: int = 0
    started: int = 0
    cancelled: int = 0

    def schema(self) -> GraphQLSchema:
        schema = build_schema(SDL)
        for name, resolve in self._resolvers().items():
            assert schema.query_type
            schema.query_type.fields[name].resolve = resolve
        assert schema.mutation_type
        schema.mutation_type.fields["increment"].resolve = self.increment
        return schema

    def increment(self, _root: Any, _info: Any) -> int:
        self.increments += 1
        return self.increments

    def greet(self, _root: Any, _info: Any, name: str | None) -> str:
        self.executed += 1
        return f"Hello {name}"

    async def wait(self) -> str:
        self.started += 1
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return "late"

    def _resolvers(self) -> dict[str, Callable[..., Any]]:
        return {
            "greeting": self.greet,
            "number": lambda _root, _info, of: of,
            "length": lambda _root, _info, period: period["to"] - period["from"],
            "echo": lambda _root, _info, value=None: value,
            "context": lambda _root, info: info.context,
            "broken": fail,
            "brokenHard": fail,
            "refused": refuse,
            "misfit": lambda _root, _info: SECRET,
            "surrogate": lambda _root, _info: {"\ud800": ["a\udfff", "\ud83d\ude00"]},
            "huge": lambda _root, _info: [2**64, -(10**400), float("nan")],
            "unspeakable": lambda _root, _info: object(),
            "slow": lambda _root, _info: [self.wait(), self.wait()],
            "self": lambda _root, _info: {},
        }


def fail(_root: Any, _info: Any) -> str:
    raise RuntimeError(SECRET)


def refuse(_root: Any, _info: Any) -> str:
    raise GraphQLError("Not on Sundays", extensions={"code": "CLOSED"})


def breaking(*_arguments: Any) -> Any:
    """A hook that breaks."""
    raise RuntimeError(SECRET)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers["content-type"]

    @property
    def entries(self) -> dict[str, Any]:
        entries = json.loads(self.body)
        assert isinstance(entries, dict)
        return entries

    @property
    def code(self) -> str:
        """The code of the only error of a request that was not executed."""
        entries = self.entries
        assert "data" not in entries
        [error] = entries["errors"]
        assert isinstance(error["message"], str)
        return str(error["extensions"]["code"])


@dataclass(frozen=True)
class Client:
    """Speaks to one server; every call is a connection of its own."""

    port: int
    path: str = "/graphql"
    accept: str = GRAPHQL

    async def post(self, query: Any = None, *, accept: str | None = GRAPHQL, **members: Any) -> Reply:
        """POST parameters as JSON."""
        body = json.dumps({"query": query, **members} if query is not None else members).encode()
        return await self.send(body, accept=accept)

    async def send(self, body: bytes, *, accept: str | None = GRAPHQL, **headers: str) -> Reply:
        """POST a body with application/json unless said otherwise; header names with `_` for `-`."""
        given = {"content-type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", body=body, accept=accept, headers=given)

    async def get(
        self, *, accept: str | None = GRAPHQL, headers: dict[str, str] | None = None, **parameters: str
    ) -> Reply:
        return await self.request("GET", accept=accept, headers=headers, parameters=parameters)

    async def request(
        self,
        method: str,
        *,
        body: bytes | None = None,
        accept: str | None = GRAPHQL,
        headers: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
    ) -> Reply:
        url = f"http://127.0.0.1:{self.port}{self.path}"
        given = (headers or {}) | ({"accept": accept} if accept is not None else {})
        skip = {"accept", "content-type", "user-agent"}
        async with (
            aiohttp.ClientSession(skip_auto_headers=skip) as session,
            session.request(method, url, data=body, headers=given, params=parameters) as response,
        ):
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, lower, await response.read())

    async def raw(self, request: bytes, *, then: bytes = b"", after: float = 0.0) -> Reply:
        """Write bytes as they are, perhaps more of them later, and read one response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            if then:
                await asyncio.sleep(after)
                writer.write(then)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            return Reply(int(head[0].split()[1]), headers, body)
        finally:
            writer.close()


@contextmanager
def serving(app: ASGIApp) -> Iterator[int]:
    """Run an application in uvicorn on a free port of the loopback, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http="httptools", lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "uvicorn did not start"
            time.sleep(0.005)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@dataclass
class Servers:
    """Starts an endpoint over the test schema; what one test starts ends with it."""

    stack: ExitStack = field(default_factory=ExitStack)

    def start(self, city: City | None = None, *, operations: dict[str, Any] | None = None, **options: Any) -> Client:
        schema = (city or City()).schema()
        endpoint = GraphQLEndpoint(Operations(schema, **(operations or {})), **options)
        return Client(self.stack.enter_context(serving(endpoint)))


@pytest.fixture
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """The endpoint with everything at its default."""
    with serving(GraphQLEndpoint(Operations(City().schema()))) as port:
        yield Client(port)
