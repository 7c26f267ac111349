"""One city and one gateway for the tests that leave them as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import Client, Sandbox, serving


@pytest.fixture(scope="session")
def running_city() -> Iterator[SandboxCity]:
    with SandboxCity() as city:
        yield city


@pytest.fixture(scope="session")
def compiling(request: pytest.FixtureRequest) -> str:
    """What the gateways' `CITYGATE_COMPILE` is: as shipped, or as `under_both` says."""
    chosen: str = getattr(request, "param", "true")
    return chosen


@pytest.fixture(scope="session")
def address(running_city: SandboxCity, compiling: str) -> Iterator[str]:
    with serving(running_city, CITYGATE_COMPILE=compiling) as address:
        yield address


@pytest.fixture
def sandbox(running_city: SandboxCity) -> Sandbox:
    """The city, back in its seeded state and well behaved, with its counters at zero."""
    sandbox = Sandbox(running_city)
    sandbox.reset()
    return sandbox


@pytest.fixture(scope="module")
def ordering(running_city: SandboxCity, compiling: str) -> Iterator[Client]:
    """A client for a module whose tests build on the city's state: it is seeded once, before the first."""
    sandbox = Sandbox(running_city)
    sandbox.reset()
    with serving(running_city, CITYGATE_COMPILE=compiling) as address:
        yield Client(address, sandbox)


@pytest.fixture
def client(running_city: SandboxCity, sandbox: Sandbox, compiling: str) -> Iterator[Client]:
    """A client of a gateway whose cache is empty."""
    with serving(running_city, CITYGATE_COMPILE=compiling) as address:
        yield Client(address, sandbox)


@pytest.fixture
def shared(address: str, sandbox: Sandbox) -> Client:
    """A client of a gateway that other tests use too: its cache may know things already."""
    return Client(address, sandbox)
