"""Every engine behind the store's contract, each test with keys of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from adapters.runtime.store import Store, open_sealed, open_store
from tests.servers.tls import TlsFiles, tls_relay
from tests.servers.valkey import (
    ValkeyCluster,
    ValkeyServer,
    tls_executable,
    valkey_cluster_url,
    valkey_server,
    valkey_url,
)

__all__ = ["valkey_cluster_url", "valkey_server", "valkey_url"]

ENGINES = (
    "memory",
    "sqlite",
    "sealed",
    *(
        pytest.param(name, marks=pytest.mark.redis)
        for name in ("valkey", "sealed_valkey", "socket", "relayed_tls", "cluster", "tls", "tls_cluster")
    ),
)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """One engine's URL; opened twice it leads to the same entries, except for memory."""
    if engine == "memory":
        return "memory://"
    if engine in {"sqlite", "sealed"}:
        return f"sqlite://{tmp_path}/store.db?timeout=5s"
    return with_options(request.getfixturevalue(_FIXTURES[engine]))


_FIXTURES = {
    "valkey": "valkey_url",
    "sealed_valkey": "valkey_url",
    "socket": "socket_url",
    "relayed_tls": "relayed_tls_url",
    "cluster": "valkey_cluster_url",
    "tls": "tls_url",
    "tls_cluster": "tls_cluster_url",
}


def with_options(url: str, **options: str) -> str:
    """Add a prefix that no other test uses, and patience for a busy machine."""
    defaults = {"prefix": f"test:{uuid4().hex}:", "timeout": "5s"}
    return f"{url}{'&' if '?' in url else '?'}{urlencode({**defaults, **options})}"


def open_engine(engine: str, url: str) -> Store:
    """A store as a gateway opens it, where it is to be sealed: in the middle of a rotation of keys."""
    keys = ["plain text is sealed", "by this or another key"]
    return open_sealed(url, keys) if "sealed" in engine else open_store(url)


@pytest.fixture
async def store(engine: str, store_url: str) -> AsyncIterator[Store]:
    opened = open_engine(engine, store_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def peer(engine: str, store: Store, store_url: str) -> AsyncIterator[Store]:
    """The store as another process sees it; the memory of a process is seen by nobody else."""
    if engine == "memory":
        yield store
        return
    opened = open_engine(engine, store_url)
    yield opened
    await opened.aclose()


@pytest.fixture
def socket_url(valkey_server: ValkeyServer) -> str:
    return f"unix://{valkey_server.socket}"


@pytest.fixture(scope="session")
def tls_files() -> Iterator[TlsFiles]:
    with TemporaryDirectory(prefix="tls-") as folder:
        yield TlsFiles.make(Path(folder))


def tls_options(files: TlsFiles) -> str:
    return urlencode({"ca": str(files.ca), "cert": str(files.cert), "key": str(files.key)})


@pytest.fixture(scope="session")
def relay_port(valkey_server: ValkeyServer, tls_files: TlsFiles) -> Iterator[int]:
    with tls_relay(tls_files, valkey_server.port) as port:
        yield port


@pytest.fixture
def relayed_tls_url(relay_port: int, tls_files: TlsFiles) -> str:
    return f"rediss://127.0.0.1:{relay_port}?{tls_options(tls_files)}"


@pytest.fixture(scope="session")
def native_tls() -> Path:
    found = tls_executable()
    if found is None:
        pytest.skip("no valkey-server or redis-server with TLS on the PATH (Debian: apt install redis-server)")
    return found


@pytest.fixture(scope="session")
def tls_url(native_tls: Path, tls_files: TlsFiles) -> Iterator[str]:
    with TemporaryDirectory(prefix="valkey-") as folder:
        server = ValkeyServer(Path(folder), executable=native_tls, tls=tls_files)
        try:
            server.start()
            yield f"{server.url}?{tls_options(tls_files)}"
        finally:
            server.stop()


@pytest.fixture(scope="session")
def tls_cluster_url(native_tls: Path, tls_files: TlsFiles) -> Iterator[str]:
    with TemporaryDirectory(prefix="valkey-") as folder:
        cluster = ValkeyCluster(Path(folder), executable=native_tls, tls=tls_files)
        try:
            cluster.start()
            yield f"{cluster.url}?{tls_options(tls_files)}"
        finally:
            cluster.stop()
