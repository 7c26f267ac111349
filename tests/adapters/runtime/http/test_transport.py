"""The door to the network over real sockets: what goes out, what comes back, and every way in which it breaks."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import baggage, context
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import BadReply, Interrupted, Unavailable, Unreachable
from adapters.contract.transport import Reply, Request
from adapters.contract.yaml_file import Misconfigured
from adapters.runtime.http import Endpoint, HttpTransport
from adapters.runtime.http.endpoint import Origin
from adapters.runtime.http.request import RequestWriter
from gateway.telemetry import Telemetry, TelemetrySettings
from gateway.trace_views import SpanView
from tests.adapters.runtime.http.conftest import Connect
from tests.adapters.runtime.wire import Exchange, Server, serving
from tests.servers.tls import TlsFiles

GET = Request(method="GET", path="/x")
POST = Request(method="POST", path="/x", body=b"order")


async def send(connect: Connect, handle: Any, request: Request = GET, **options: Any) -> Reply:
    async with serving(handle) as server:
        return await connect(server.address, **options).send(request)


async def test_a_reply_comes_back_whole(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.reply(b"\x00\xff", status="418 I'm a teapot", X_Odd="Yes", Retry_After="7")

    reply = await send(connect, handle)
    assert (reply.status, reply.body) == (418, b"\x00\xff")
    assert reply.headers["x-odd"] == "Yes"
    assert reply.headers["retry-after"] == "7"


async def test_a_request_goes_out_as_it_is(connect: Connect) -> None:
    async with serving() as server:
        request = Request(
            method="POST", path="/a", headers={"Content-Type": "text/xml", "SOAPAction": '""'}, body=b"\x00<a/>"
        )
        await connect(f"{server.address}/base/").send(request)
        assert server.last.line == "POST /base/a HTTP/1.1"
        assert server.last.body == b"\x00<a/>"
        assert server.last.headers["content-type"] == "text/xml"
        assert server.last.headers["soapaction"] == '""'
        assert server.last.headers["host"] == f"127.0.0.1:{server.port}"
        assert "aiohttp" not in server.last.head


@pytest.mark.parametrize(
    ("path", "query", "sent"),
    [
        ("", (), "/"),
        ("/a%2Fb/%E6%AD%A6%E6%B1%89;v=1", (), "/a%2Fb/%E6%AD%A6%E6%B1%89;v=1"),
        ("/a", (("q", "a b&c=d+e"), ("q", "武汉")), "/a?q=a%20b%26c%3Dd%2Be&q=%E6%AD%A6%E6%B1%89"),
        ("/a", (("x[0]", "/?#%"),), "/a?x%5B0%5D=%2F%3F%23%25"),
    ],
)
async def test_paths_and_queries_are_exact(
    connect: Connect, path: str, query: tuple[tuple[str, str], ...], sent: str
) -> None:
    async with serving() as server:
        await connect(server.address).send(Request(method="GET", path=path, query=query))
        assert server.last.line == f"GET {sent} HTTP/1.1"


@pytest.mark.parametrize(
    "path", ["x", "/a b", "/武汉", "/a?b", "/a#b", "/%", "/%zz", "/a\r\nX-Evil: 1", "/a\n", "/\x00"]
)
async def test_a_path_that_is_not_encoded_is_never_sent(connect: Connect, path: str) -> None:
    async with serving() as server:
        with pytest.raises(ValueError, match="percent-encoded"):
            await connect(server.address).send(Request(method="GET", path=path))
        assert server.exchanges == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=4))
def test_any_query_survives(pairs: list[tuple[str, str]]) -> None:
    pairs = [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode()) for name, value in pairs
    ]
    writer = RequestWriter(Origin.of("http://h"), None)
    url = urlsplit(writer.target(Request(method="GET", path="/a", query=tuple(pairs))))
    assert parse_qsl(url.query, keep_blank_values=True) == pairs
    assert url.path == "/a"


async def test_redirects_are_answers(connect: Connect) -> None:
    async with serving() as elsewhere:

        async def handle(exchange: Exchange) -> None:
            await exchange.reply(status="307 Temporary Redirect", Location=f"{elsewhere.address}/steal")

        reply = await send(connect, handle, POST)
        assert reply.status == 307
        assert elsewhere.exchanges == []


async def test_cookies_are_forgotten(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.reply(Set_Cookie="session=ann")

    async with serving(handle) as server:
        transport = connect(server.address)
        for _ in range(2):
            await transport.send(GET)
        assert [each.headers.get("cookie") for each in server.exchanges] == [None, None]


async def test_a_connection_is_kept(connect: Connect) -> None:
    async with serving() as server:
        transport = connect(server.address)
        for request in (GET, POST, GET):
            await transport.send(request)
        assert server.connections == 1


async def test_no_more_connections_than_allowed(connect: Connect) -> None:
    gate = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await gate.wait()
        await exchange.reply()

    async with serving(handle) as server:
        transport = connect(server.address, connections=2)
        tasks = [asyncio.create_task(transport.send(GET)) for _ in range(5)]
        for _ in range(2):
            await server.came.acquire()
        gate.set()
        await asyncio.gather(*tasks)
        assert server.connections == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_changes_something_is_sent_at_most_once(connect: Connect, method: str) -> None:
    """The kept connection is closed upon its second request, as by a department that restarts."""
    async with serving(_close_upon_the_second) as server:
        transport = connect(server.address)
        await transport.send(GET)
        with pytest.raises(Interrupted):
            await transport.send(Request(method=method, path="/x", body=b"order"))
        assert [each.line.split()[0] for each in server.exchanges] == ["GET", method]
        assert (await transport.send(POST)).status == 200, "the next one has a connection of its own"


async def test_a_get_is_sent_again_over_a_new_connection(connect: Connect) -> None:
    async with serving(_close_upon_the_second) as server:
        transport = connect(server.address)
        await transport.send(GET)
        assert (await transport.send(GET)).status == 200
        assert [each.connection for each in server.exchanges] == [1, 1, 2]


async def _close_upon_the_second(exchange: Exchange) -> None:
    if exchange.connection == 1 and not exchange.writer.is_closing() and getattr(exchange.writer, "used", False):
        exchange.writer.close()
        return
    exchange.writer.used = True  # type: ignore[attr-defined]
    await exchange.reply()


async def test_a_server_that_was_restarted_is_found_again(connect: Connect) -> None:
    async with serving() as server:
        transport = connect(server.address)
        await transport.send(POST)
        port = server.port
    async with serving(port=port):
        assert (await transport.send(GET)).status == 200


async def test_nobody_listening_is_unavailable(connect: Connect) -> None:
    async with serving() as server:
        address = server.address
    with pytest.raises(Unreachable) as caught:
        await connect(address).send(POST)
    assert type(caught.value) is Unreachable, "nothing was sent"
    assert str(server.port) not in str(caught.value)


@pytest.mark.parametrize("request_", [GET, POST])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal",
    ],
)
async def test_a_broken_connection_is_interrupted(connect: Connect, raw: bytes, request_: Request) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.send(raw)
        exchange.writer.close()

    with pytest.raises(Interrupted):
        await send(connect, handle, request_)


async def test_a_reset_within_the_body_is_interrupted(connect: Connect) -> None:
    sent = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        await sent.wait()
        exchange.reset()

    async with serving(handle) as server:
        task = asyncio.create_task(connect(server.address).send(GET))
        await server.came.acquire()
        sent.set()
        with pytest.raises(Interrupted):
            await task


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 8\r\n\r\nnot gzip",
    ],
)
async def test_what_is_not_http_is_a_bad_reply(connect: Connect, raw: bytes) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.send(raw)
        exchange.writer.close()

    with pytest.raises(BadReply) as caught:
        await send(connect, handle)
    assert "abc" not in str(caught.value)


@pytest.fixture
def small_limit() -> int:
    return 100_000


def test_the_limit_is_8_mib() -> None:
    assert Endpoint("archive", "http://h").largest_reply == 1024 * 1024


async def test_the_largest_reply_is_read(connect: Connect, small_limit: int) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.reply(b"a" * small_limit)

    assert len((await send(connect, handle, largest_reply=small_limit)).body) == small_limit


async def test_an_announced_excess_is_not_read(connect: Connect, small_limit: int) -> None:
    closed = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.send(f"HTTP/1.1 200 OK\r\ncontent-length: {small_limit + 1}\r\n\r\n".encode())
        await exchange.gone()
        closed.set()

    async with serving(handle) as server:
        with pytest.raises(BadReply, match=f"larger than {small_limit} bytes"):
            await connect(server.address, largest_reply=small_limit).send(GET)
        await closed.wait()


async def test_an_endless_reply_is_cut(connect: Connect, small_limit: int) -> None:
    written = 0

    async def handle(exchange: Exchange) -> None:
        nonlocal written
        await exchange.send(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        while not exchange.writer.is_closing():
            await exchange.send(b"a" * 10_000)
            written += 10_000

    async with serving(handle) as server:
        with pytest.raises(BadReply, match="larger"):
            await connect(server.address, largest_reply=small_limit).send(GET)
    assert written < 100 * small_limit


async def test_a_bomb_is_not_unpacked(connect: Connect, small_limit: int) -> None:
    bomb = gzip.compress(b"\0" * (32 << 20))
    assert len(bomb) < small_limit

    async def handle(exchange: Exchange) -> None:
        await exchange.reply(bomb, Content_Encoding="gzip")

    async with serving(handle) as server:
        transport = connect(server.address, largest_reply=small_limit)
        tracemalloc.start()
        try:
            with pytest.raises(BadReply, match="larger"):
                await transport.send(GET)
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
        finally:
            tracemalloc.stop()


async def test_a_packed_reply_is_unpacked(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.reply(gzip.compress(b"plain"), Content_Encoding="gzip")

    assert (await send(connect, handle)).body == b"plain"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na"])
async def test_the_deadline_closes_the_connection(connect: Connect, head: bytes) -> None:
    closed = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.send(head)
        await exchange.gone()
        closed.set()

    async with serving(handle) as server:
        task = asyncio.create_task(connect(server.address).send(GET))
        await server.came.acquire()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_proxy_is_used(connect: Connect) -> None:
    async with serving() as proxy:
        await connect("http://archive.invalid/base", proxy=proxy.address).send(GET)
        assert proxy.last.line == "GET http://archive.invalid/base/x HTTP/1.1"


async def test_a_proxy_that_refuses_is_no_connection(connect: Connect) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.reply(status="502 Bad Gateway")

    async with serving(refuse) as proxy:
        with pytest.raises(Unreachable) as caught:
            await connect("https://archive.invalid", proxy=proxy.address).send(POST)
        assert type(caught.value) is Unreachable, "nothing was sent"
        assert proxy.last.line == "CONNECT archive.invalid:443 HTTP/1.1"


async def test_the_environments_proxy_is_not(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with serving() as server:
        assert (await connect(server.address).send(GET)).status == 200


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    telemetry = Telemetry(TelemetrySettings())
    yield telemetry
    telemetry.close()


async def test_the_trace_goes_along_and_baggage_stays(connect: Connect, telemetry: Telemetry) -> None:
    async with serving() as server:
        token = context.attach(baggage.set_baggage("person", "ann"))
        try:
            await connect(server.address, tracer=telemetry.tracer).send(GET)
        finally:
            context.detach(token)
        [span] = spans(telemetry)
        assert server.last.headers["traceparent"].split("-")[2] == span.span_id
        assert "baggage" not in server.last.headers
        assert (span.name, span.kind, span.status) == ("GET archive", "client", "unset")
        assert span.attributes["http.response.status_code"] == 200
        assert span.attributes["server.port"] == server.port


async def test_a_span_says_what_failed_and_no_more(connect: Connect, telemetry: Telemetry) -> None:
    async def fail(exchange: Exchange) -> None:
        await exchange.reply(b"secret", status="500 secret")

    async with serving(fail) as server:
        request = Request(method="GET", path="/secret", query=(("secret", "secret"),))
        await connect(server.address, tracer=telemetry.tracer).send(request)
    with pytest.raises(Unreachable):
        await connect(server.address, tracer=telemetry.tracer).send(request)
    failed, away = reversed(spans(telemetry))
    assert (failed.status, away.status) == ("error", "error")
    assert away.attributes["error.type"] == "Unreachable"
    assert "secret" not in repr((failed, away))


def spans(telemetry: Telemetry) -> list[SpanView]:
    return [span for trace in telemetry.traces.recent() for span in trace.spans]


def server_side(files: TlsFiles, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(files.ca) if mutual else None)
    context.load_cert_chain(files.cert, files.key)
    context.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_NONE
    return context


async def test_a_private_authority(connect: Connect, files: TlsFiles) -> None:
    async with serving(tls=server_side(files)) as server:
        assert (await connect(server.address, ca_file=str(files.ca)).send(POST)).status == 200


async def test_a_client_certificate(connect: Connect, files: TlsFiles) -> None:
    mine = {"ca_file": str(files.ca), "certificate_file": str(files.cert), "key_file": str(files.key)}
    async with serving(tls=server_side(files, mutual=True)) as server:
        assert (await connect(server.address, **mine).send(POST)).status == 200
        with pytest.raises(Unavailable):  # TLS 1.3 tells a client only after its first request
            await connect(server.address, ca_file=str(files.ca)).send(POST)
        assert len(server.exchanges) == 1


async def refused(connect: Connect, server: Server, address: str, **options: Any) -> None:
    with pytest.raises(Unreachable) as caught:
        await connect(address, **options).send(POST)
    assert type(caught.value) is Unreachable
    assert server.exchanges == []


async def test_who_is_not_vouched_for_is_told_nothing(connect: Connect, files: TlsFiles, strangers: TlsFiles) -> None:
    async with serving(tls=server_side(files)) as server:
        await refused(connect, server, server.address)
        await refused(connect, server, server.address, ca_file=str(strangers.ca))
        await refused(connect, server, server.address.replace("127.0.0.1", "localhost"), ca_file=str(files.ca))


async def test_a_server_without_tls_is_told_nothing(connect: Connect, files: TlsFiles) -> None:
    heard = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65536))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable) as caught:
            await connect(f"https://127.0.0.1:{port}", ca_file=str(files.ca)).send(POST)
    assert type(caught.value) is Unreachable
    assert b"order" not in heard[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ca_file": "absent.pem"}, "there is no TLS file absent.pem"),
        ({"certificate_file": "absent.pem"}, "there is no TLS file absent.pem"),
        ({"ca_file": __file__}, "do not make a TLS identity"),
        ({"certificate_file": __file__}, "do not make a TLS identity"),
        ({"key_file": __file__}, "needs its certificate_file"),
        ({"address": "http://h", "ca_file": __file__}, "http://h is not https"),
    ],
)
def test_tls_files_that_do_not_fit_are_refused_at_the_start(options: dict[str, str], words: str) -> None:
    endpoint = {"department": "archive", "address": "https://h", **options}
    with pytest.raises(Misconfigured, match="archive: ") as caught:
        HttpTransport(Endpoint(**endpoint), NoOpTracer())  # type: ignore[arg-type]
    assert words in str(caught.value)


def test_a_certificate_of_another_key_is_refused(files: TlsFiles, strangers: TlsFiles) -> None:
    endpoint = Endpoint("archive", "https://h", certificate_file=str(files.cert), key_file=str(strangers.key))
    with pytest.raises(Misconfigured, match="TLS identity"):
        endpoint.tls()


def test_a_key_with_a_password_does_not_wait_for_somebody_to_type_it(tmp_path: Path, files: TlsFiles) -> None:
    key = load_pem_private_key(files.key.read_bytes(), None)
    locked = tmp_path / "key.pem"
    locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    endpoint = Endpoint("archive", "https://h", certificate_file=str(files.cert), key_file=str(locked))
    with pytest.raises(Misconfigured, match="TLS identity"):
        endpoint.tls()
