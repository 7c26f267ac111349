"""Both event loops for every test here, transports that are closed again, and TLS files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvloop
from opentelemetry.trace import NoOpTracer

from adapters.runtime.http import Endpoint, HttpTransport
from tests.servers.tls import TlsFiles

Connect = Callable[..., HttpTransport]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        def connect(address: str, *, tracer: Any = None, **options: Any) -> HttpTransport:
            transport = HttpTransport(Endpoint("archive", address, **options), tracer or NoOpTracer())
            stack.push_async_callback(transport.aclose)
            return transport

        yield connect


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return TlsFiles.make(tmp_path_factory.mktemp("tls") / "own")


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return TlsFiles.make(tmp_path_factory.mktemp("tls") / "strangers")
