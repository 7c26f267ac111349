"""New connections: names and addresses, TLS, proxies, and how long all that may take."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.errors import Unreachable
from adapters.contract.transport import Request
from adapters.contract.yaml_file import Misconfigured
from adapters.runtime.http import Endpoint, HttpTransport, addresses
from adapters.runtime.http.addresses import Address, Addresses
from tests.adapters.runtime.http.conftest import Connect
from tests.adapters.runtime.wire import Exchange, Server, serving
from tests.servers.tls import TlsFiles

GET = Request(method="GET", path="/x")
POST = Request(method="POST", path="/x", body=b"order")


async def unavailable(transport: HttpTransport, request: Request = POST) -> Unreachable:
    """Nothing was sent, and the caller is told so within seconds."""
    with pytest.raises(Unreachable) as caught:
        async with asyncio.timeout(5):
            await transport.send(request)
    assert type(caught.value) is Unreachable
    return caught.value


def server_side(files: TlsFiles, seen: list[str | None] | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.cert, files.key)
    if seen is not None:
        context.sni_callback = lambda _socket, name, _context: seen.append(name)
    return context


async def test_the_name_is_told_before_the_certificate_and_held_against_it(connect: Connect, files: TlsFiles) -> None:
    seen: list[str | None] = []
    async with serving(tls=server_side(files, seen)) as server:
        await connect(server.address, ca_file=str(files.ca)).send(GET)
        named = server.address.replace("127.0.0.1", "localhost")
        await unavailable(connect(named, ca_file=str(files.ca)))
        assert seen[0] is None, "an address is no name (RFC 6066, 3)"
        assert set(seen[1:]) == {"localhost"}
        assert len(server.exchanges) == 1


async def test_tls_is_kept_too(connect: Connect, files: TlsFiles) -> None:
    async with serving(tls=server_side(files)) as server:
        transport = connect(server.address, ca_file=str(files.ca))
        for request in (GET, POST, POST, GET):
            await transport.send(request)
        assert server.connections == 1


async def test_http_1_1_is_agreed_upon(connect: Connect, files: TlsFiles) -> None:
    agreed: list[str | None] = []

    async def handle(exchange: Exchange) -> None:
        agreed.append(exchange.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await exchange.reply()

    context = server_side(files)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with serving(handle, tls=context) as server:
        await connect(server.address, ca_file=str(files.ca)).send(GET)
    assert agreed == ["http/1.1"]


async def test_old_tls_is_not_spoken(connect: Connect, files: TlsFiles) -> None:
    context = server_side(files)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with serving(tls=context) as server:
        await unavailable(connect(server.address, ca_file=str(files.ca)))


# Proxies


class Proxy:
    """An HTTP proxy that makes tunnels, or says what it is told to say."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n", onward: int = 0) -> None:
        self.answer, self.onward = answer, onward
        self.closes = False
        self.heads: list[str] = []
        self.address = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self.answer)
        if self.onward:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.onward)
            await asyncio.gather(self._copy(reader, onward_writer), self._copy(onward_reader, writer))
        elif self.answer and not self.closes:
            await reader.read()
        else:
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._serve(reader, writer))
            self._tasks.add(task)
            await asyncio.wait([task])
            writer.close()

        async with await asyncio.start_server(connected, "127.0.0.1", 0) as listening:
            self.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            yield self
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def test_a_tunnel_carries_tls_to_the_department(connect: Connect, files: TlsFiles) -> None:
    async with serving(tls=server_side(files)) as server, Proxy(onward=server.port).running() as proxy:
        address = proxy.address.replace("//", "//ann:p%40ss@")
        transport = connect(server.address, ca_file=str(files.ca), proxy=address)
        for _ in range(2):
            assert (await transport.send(POST)).status == 200
        assert proxy.heads == [
            f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n"
            f"host: 127.0.0.1:{server.port}\r\n"
            "proxy-authorization: Basic YW5uOnBAc3M=\r\n\r\n"
        ]
        assert server.last.line == "POST /x HTTP/1.1"
        assert "proxy-authorization" not in server.last.headers
        assert server.connections == 1
        await transport.aclose()


async def test_the_department_is_vouched_for_not_the_proxy(
    connect: Connect, files: TlsFiles, strangers: TlsFiles
) -> None:
    async with serving(tls=server_side(strangers)) as server, Proxy(onward=server.port).running() as proxy:
        transport = connect(server.address, ca_file=str(files.ca), proxy=proxy.address)
        await unavailable(transport)
        assert server.exchanges == []
        await transport.aclose()


async def test_an_old_proxy_makes_tunnels_too(connect: Connect, files: TlsFiles) -> None:
    answer = b"HTTP/1.0 200 Connection established\r\nproxy-agent: old\r\n\r\n"
    async with serving(tls=server_side(files)) as server, Proxy(answer, server.port).running() as proxy:
        transport = connect(server.address, ca_file=str(files.ca), proxy=proxy.address)
        assert (await transport.send(POST)).status == 200
        await transport.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 1000\r\n\r\nmuch",
        b"HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000,
        b"",
    ],
)
async def test_without_a_tunnel_nothing_is_sent(connect: Connect, files: TlsFiles, answer: bytes) -> None:
    async with Proxy(answer).running() as proxy:
        transport = connect("https://archive.invalid", ca_file=str(files.ca), proxy=proxy.address, connect_seconds=1.0)
        error = await unavailable(transport)
        assert "evil" not in str(error)
        assert "127.0.0.1" not in str(error)


async def test_a_proxy_that_hangs_up_is_unavailable_at_once(connect: Connect, files: TlsFiles) -> None:
    proxy = Proxy()
    proxy.closes = True
    async with proxy.running():
        transport = connect("https://archive.invalid", ca_file=str(files.ca), proxy=proxy.address, connect_seconds=60)
        for _ in range(10):
            await unavailable(transport)


async def test_a_department_that_hangs_up_is_unavailable_at_once(connect: Connect, files: TlsFiles) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        transport = connect(f"https://127.0.0.1:{port}", ca_file=str(files.ca), connect_seconds=60)
        for _ in range(10):
            await unavailable(transport)


async def test_a_proxy_in_the_clear_is_asked_every_time(connect: Connect) -> None:
    async with serving() as proxy:
        transport = connect("http://archive.invalid:81/base", proxy=proxy.address.replace("//", "//ann:pass@"))
        for _ in range(2):
            await transport.send(POST)
        assert proxy.last.line == "POST http://archive.invalid:81/base/x HTTP/1.1"
        assert proxy.last.headers["host"] == "archive.invalid:81"
        assert proxy.last.headers["proxy-authorization"] == "Basic YW5uOnBhc3M="
        assert proxy.connections == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"address": "ftp://h"}, "address: not http://host or https://host"),
        ({"address": "https://"}, "address: not http://host"),
        ({"address": "https://h/?q"}, "address: not http://host"),
        ({"address": "https://h/a b"}, "address: its path must be percent-encoded"),
        ({"address": "https://h/\u6b66"}, "address: its path must be percent-encoded"),
        ({"address": "https://h:70000"}, "address: Port out of range"),
        ({"address": f"https://{'a' * 64}.example"}, "address: "),
        ({"address": "https://ann:s3cret@h"}, "not part of its address"),
        ({"proxy": "https://proxy.example"}, "a proxy's address is http://host:port"),
        ({"proxy": "http://ann:s3cret@proxy.example/path"}, "a proxy's address is http://host:port"),
        ({"proxy": "socks5://s3cret@proxy.example"}, "proxy: not http://host"),
    ],
)
def test_addresses_that_cannot_be_used_are_refused_at_the_start(options: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match="archive: ") as caught:
        HttpTransport(Endpoint(**{"department": "archive", "address": "http://h", **options}), tracer=None)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "s3cret" not in str(caught.value)


# Time


@contextmanager
def black_hole() -> Iterator[tuple[str, int]]:
    """A place that lets nobody in: its queue is full, so the kernel drops whoever knocks."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        where = listening.getsockname()
        queue = [socket.socket() for _ in range(3)]
        for one in queue:
            one.setblocking(False)
            one.connect_ex(where)
        try:
            yield where
        finally:
            for one in queue:
                one.close()


@asynccontextmanager
async def silence() -> AsyncIterator[int]:
    """A server that takes connections and says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


async def soon(transport: HttpTransport) -> None:
    began = asyncio.get_running_loop().time()
    await unavailable(transport)
    assert 0.19 < asyncio.get_running_loop().time() - began < 1.5
    await transport.aclose()


async def test_a_place_that_lets_nobody_in_is_unavailable_soon(connect: Connect) -> None:
    with black_hole() as (host, port):
        await soon(connect(f"http://{host}:{port}", connect_seconds=0.2))


async def test_a_handshake_that_does_not_end_is_unavailable_soon(connect: Connect, files: TlsFiles) -> None:
    async with silence() as port:
        await soon(connect(f"https://127.0.0.1:{port}", ca_file=str(files.ca), connect_seconds=0.2))


async def test_a_proxy_that_says_nothing_is_unavailable_soon(connect: Connect) -> None:
    async with silence() as port:
        await soon(connect("https://archive.invalid", proxy=f"http://127.0.0.1:{port}", connect_seconds=0.2))


async def test_a_tunnel_to_nothing_is_unavailable_soon(connect: Connect, files: TlsFiles) -> None:
    async with Proxy().running() as proxy:
        await soon(connect("https://archive.invalid", ca_file=str(files.ca), proxy=proxy.address, connect_seconds=0.2))


async def test_a_name_that_is_not_answered_is_unavailable_soon(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_self: Addresses) -> Sequence[Address]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(Addresses, "_ask", never)
    await soon(connect("http://archive.example", connect_seconds=0.2))


async def test_the_connect_time_is_not_the_replys(connect: Connect) -> None:
    async def handle(exchange: Exchange) -> None:
        await asyncio.sleep(0.3)
        await exchange.reply()

    async with serving(handle) as server:
        assert (await connect(server.address, connect_seconds=0.1).send(GET)).status == 200


async def test_a_deadline_while_connecting_leaves_nothing_behind(connect: Connect, files: TlsFiles) -> None:
    async with serving(tls=server_side(files)) as server:
        transport = connect(server.address, ca_file=str(files.ca), connections=1)
        await transport.aclose()
        before = open_files()
        for moment in range(40):
            task = asyncio.create_task(transport.send(GET))
            for _ in range(moment):
                await asyncio.sleep(0.0002)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled() or task.result().status == 200
        assert (await transport.send(GET)).status == 200
        await transport.aclose()
        await asyncio.sleep(0.05)
        assert open_files() <= before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# Names


def named(monkeypatch: pytest.MonkeyPatch, *places: tuple[str, int] | Exception) -> list[str]:
    """Let every name lead to these places; the names that were looked up."""
    asked = []

    async def ask(self: Addresses) -> Sequence[Address]:
        asked.append(self._host)
        await asyncio.sleep(0.01)
        found: list[Any] = []
        for place in places:
            if isinstance(place, Exception):
                raise place
            family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
            found.append((family, socket.SOCK_STREAM, 0, "", place))
        return found

    monkeypatch.setattr(Addresses, "_ask", ask)
    return asked


async def test_a_name_that_does_not_exist_is_unavailable(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    error = await unavailable(connect("http://archive.example"))
    assert "archive.example" not in str(error)


async def test_a_name_without_addresses_is_unavailable(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch)
    await unavailable(connect("http://archive.example"))


async def test_localhost_is_looked_up(connect: Connect) -> None:
    async with serving() as server:
        address = server.address.replace("127.0.0.1", "localhost")
        assert (await connect(address).send(GET)).status == 200
        assert server.last.headers["host"] == f"localhost:{server.port}"


async def test_ipv6(connect: Connect) -> None:
    async with ipv6_server() as server:
        assert (await connect(f"http://[::1]:{server.port}").send(GET)).status == 200
        assert server.last.headers["host"] == f"[::1]:{server.port}"


@asynccontextmanager
async def ipv6_server() -> AsyncIterator[Server]:
    try:
        async with serving(host="::1") as server:
            yield server
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


async def test_an_address_that_refuses_is_passed_over(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as closed:
        pass
    async with serving() as server:
        named(monkeypatch, ("::1", closed.port), ("127.0.0.1", closed.port), ("127.0.0.1", server.port))
        assert (await connect("http://archive.example").send(POST)).status == 200
        assert len(server.exchanges) == 1


async def test_an_address_that_leads_nowhere_costs_a_head_start(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "HEAD_START", 0.05)
    with black_hole() as hole:
        async with serving() as server:
            named(monkeypatch, hole, hole, ("127.0.0.1", server.port))
            began = asyncio.get_running_loop().time()
            assert (await connect("http://archive.example").send(POST)).status == 200
            assert 0.09 < asyncio.get_running_loop().time() - began < 1
            assert len(server.exchanges) == 1


async def test_the_better_address_is_taken(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as worse, serving() as better:
        named(monkeypatch, ("127.0.0.1", better.port), ("127.0.0.1", worse.port))
        await connect("http://archive.example").send(GET)
        assert (better.connections, worse.connections) == (1, 0)


async def test_all_addresses_lead_nowhere(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as closed:
        pass
    named(monkeypatch, *[("127.0.0.1", closed.port)] * 3)
    await unavailable(connect("http://archive.example"))


def test_families_take_turns() -> None:
    six, four = socket.AF_INET6, socket.AF_INET
    found: list[Any] = [(six, 1), (six, 2), (six, 3), (four, 4)]
    assert [each[1] for each in addresses._alternating(found)] == [1, 4, 2, 3]
    assert addresses._alternating([]) == []


async def test_a_name_is_looked_up_once_for_all_and_remembered(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as server:
        asked = named(monkeypatch, ("127.0.0.1", server.port))
        transport = connect("http://archive.example")
        await asyncio.gather(*[transport.send(GET) for _ in range(8)])
        assert server.connections == 8
        await asyncio.gather(*[transport.send(GET) for _ in range(12)])
        assert server.connections == 12
        assert asked == ["archive.example"]


async def test_who_gives_up_on_a_name_does_not_take_it_from_the_others(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as server:
        asked = named(monkeypatch, ("127.0.0.1", server.port))
        transport = connect("http://archive.example")
        first, second = (asyncio.create_task(transport.send(GET)) for _ in range(2))
        await asyncio.sleep(0.002)
        first.cancel()
        assert (await second).status == 200
        assert asked == ["archive.example"]


async def test_addresses_that_failed_are_looked_up_again(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as closed:
        pass
    asked = named(monkeypatch, ("127.0.0.1", closed.port))
    transport = connect("http://archive.example")
    for _ in range(2):
        await unavailable(transport)
    assert len(asked) == 2
