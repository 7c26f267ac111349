"""Bodies as bytes on a socket: chunks, lengths, encodings, and clients that go away."""

import asyncio
import logging
from typing import Any

import pytest

from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.limits import HTTPLimits
from gateway.graphql.operation import Operations
from tests.gateway.graphql.conftest import GRAPHQL, City, Client, Servers

HEAD = f"POST /graphql HTTP/1.1\r\nHost: a\r\nAccept: {GRAPHQL}\r\nContent-Type: application/json\r\n"
CHUNKED = (HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode()
BODY = b'{"query": "{ greeting }"}'


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


async def test_a_body_in_chunks_is_joined(client: Client):
    reply = await client.raw(CHUNKED + chunk(BODY[:9]), then=chunk(BODY[9:]) + b"0\r\n\r\n", after=0.05)
    assert reply.entries == {"data": {"greeting": "Hello Wuhan"}}


async def test_the_limit_holds_while_streaming(servers: Servers):
    client = servers.start(limits=HTTPLimits(body_bytes=1000))
    reply = await client.raw(CHUNKED + chunk(b" " * 600), then=chunk(b" " * 401), after=0.05)
    assert (reply.status, reply.code) == (413, "BODY_TOO_LARGE")
    assert reply.entries["errors"][0]["extensions"]["maximum"] == 1000


@pytest.mark.parametrize("length", ["1048577", "9" * 19])
async def test_the_declared_length_is_enough_to_refuse(client: Client, length: str):
    reply = await client.raw(f"{HEAD}Content-Length: {length}\r\n\r\n".encode())
    assert (reply.status, reply.code) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "identity, gzip", "nonsense"])
async def test_encodings_are_refused(client: Client, encoding: str):
    reply = await client.send(BODY, content_encoding=encoding)
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_ENCODING")
    assert reply.headers["accept-encoding"] == "identity"


async def test_identity_is_no_encoding(client: Client):
    assert (await client.send(BODY, content_encoding="Identity")).status == 200


@pytest.mark.parametrize("types", [("application/json", "text/plain"), ("text/plain", "application/json")])
async def test_two_content_types_are_none(client: Client, types: tuple[str, str]):
    lines = "".join(f"Content-Type: {content_type}\r\n" for content_type in types)
    head = f"POST /graphql HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {len(BODY)}\r\n\r\n"
    reply = await client.raw(head.encode() + BODY)
    assert reply.code == "UNSUPPORTED_MEDIA_TYPE"


async def test_a_client_that_goes_away_is_no_event(caplog: pytest.LogCaptureFixture):
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": BODY, "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    with caplog.at_level(logging.WARNING):
        await GraphQLEndpoint(Operations(City().schema()))(scope, receive, send)
    assert (sent, caplog.records) == ([], [])


async def test_the_server_lives_on_when_a_client_goes_away(servers: Servers):
    city = City()
    client = servers.start(city)
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write((HEAD + "Content-Length: 100\r\n\r\n").encode() + BODY)
    await writer.drain()
    writer.transport.abort()
    assert (await client.send(BODY)).status == 200
    assert city.executed == 1
