"""One running library and issuer for all tests, reset before each."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from sandbox.city import City, build_city
from sandbox.launch import SandboxCity

LIBRARY = "tests.sandbox.library"


@pytest.fixture(scope="session")
def running() -> Iterator[SandboxCity]:
    with SandboxCity(departments=[LIBRARY]) as city:
        yield city


@pytest.fixture
async def library(running: SandboxCity) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the library, without keep-alive: aiohttp repeats a GET on a reused connection."""
    connector = aiohttp.TCPConnector(force_close=True)
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(running.addresses[LIBRARY], connector=connector, timeout=timeout) as client:
        await client.post("/_sandbox/reset")
        yield client


@pytest.fixture
async def issuer(running: SandboxCity) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.addresses["issuer"]) as client:
        yield client


@pytest.fixture(scope="session")
def city() -> City:
    return build_city()
