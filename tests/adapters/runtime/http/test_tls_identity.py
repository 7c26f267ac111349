"""Certificates are replaced while the process runs: against a real server that demands and names them."""

from __future__ import annotations

import logging
import shutil
import ssl
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.contract import watched
from adapters.contract.errors import Unavailable
from adapters.contract.transport import Request
from tests.adapters.runtime.http.conftest import Connect
from tests.adapters.runtime.wire import Exchange, serving
from tests.servers.tls import TlsFiles

GET = Request(method="GET", path="/x")


class Clock:
    """Time as `watched` sees it."""

    def __init__(self) -> None:
        self.now = 0.0

    def passes(self) -> None:
        self.now += watched.LOOK_AFTER


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def replace(target: TlsFiles, source: TlsFiles, *parts: str) -> None:
    """As a deployment does: another file is moved over the old one."""
    for part in parts:
        new = Path(f"{getattr(target, part)}.new")
        shutil.copy(getattr(source, part), new)
        new.replace(getattr(target, part))


@pytest.fixture
def ours(tmp_path: Path) -> TlsFiles:
    return TlsFiles.make(tmp_path / "ours")


@pytest.fixture
def next_ones(tmp_path: Path) -> TlsFiles:
    return TlsFiles.make(tmp_path / "next")


class Department:
    """Demands a certificate of one of the authorities that it believes, and notes each one's number."""

    def __init__(self, own: TlsFiles, *believed: TlsFiles) -> None:
        self.serials: list[str] = []
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(own.cert, own.key)
        self.tls.verify_mode = ssl.CERT_REQUIRED
        for each in believed:
            self.tls.load_verify_locations(each.ca)

    async def __call__(self, exchange: Exchange) -> None:
        self.serials.append(exchange.writer.get_extra_info("peercert")["serialNumber"])
        await exchange.reply(b"{}")


async def test_a_new_certificate_is_used_at_once_also_where_a_connection_is_kept(
    connect: Connect, files: TlsFiles, ours: TlsFiles, next_ones: TlsFiles, clock: Clock
) -> None:
    department = Department(files, ours, next_ones)
    async with serving(department, tls=department.tls) as server:
        transport = connect(
            server.address, ca_file=str(files.ca), certificate_file=str(ours.cert), key_file=str(ours.key)
        )
        for _ in range(3):
            await transport.send(GET)
        replace(ours, next_ones, "cert", "key")
        await transport.send(GET)
        assert len(set(department.serials)) == 1, "files are looked at once a second"
        clock.passes()
        for _ in range(3):
            await transport.send(GET)
        assert len(set(department.serials[:4])) == len(set(department.serials[4:])) == 1
        assert department.serials[3] != department.serials[4]
        assert server.connections == 2, "one for each certificate"


async def test_half_of_a_new_pair_changes_nothing_until_the_other_half_is_there(
    connect: Connect,
    files: TlsFiles,
    ours: TlsFiles,
    next_ones: TlsFiles,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    department = Department(files, ours, next_ones)
    async with serving(department, tls=department.tls) as server:
        transport = connect(
            server.address, ca_file=str(files.ca), certificate_file=str(ours.cert), key_file=str(ours.key)
        )
        await transport.send(GET)
        with caplog.at_level(logging.WARNING):
            replace(ours, next_ones, "cert")
            for _ in range(3):
                clock.passes()
                await transport.send(GET)
            ours.key.unlink()
            clock.passes()
            await transport.send(GET)
        assert len(set(department.serials)) == 1
        assert len(caplog.records) == 2, "said once for each replacement"
        assert "archive" in caplog.text
        replace(ours, next_ones, "key")
        clock.passes()
        await transport.send(GET)
        assert len(set(department.serials)) == 2


async def test_another_authority_is_believed_and_the_old_one_is_not(
    connect: Connect, files: TlsFiles, ours: TlsFiles, next_ones: TlsFiles, clock: Clock
) -> None:
    """The department has a new certificate of a new authority; ours must be told so, and then is."""
    before, after = Department(files, ours), Department(next_ones, ours)
    believed = str(ours.ca.with_name("believed.pem"))
    shutil.copy(files.ca, believed)
    options = {"ca_file": believed, "certificate_file": str(ours.cert), "key_file": str(ours.key)}
    async with serving(before, tls=before.tls) as old, serving(after, tls=after.tls) as new:
        to_old, to_new = connect(old.address, **options), connect(new.address, **options)
        await to_old.send(GET)
        with pytest.raises(Unavailable):
            await to_new.send(GET)
        shutil.copy(next_ones.ca, believed)
        clock.passes()
        await to_new.send(GET)
        with pytest.raises(Unavailable):
            await to_old.send(GET)
