"""What the whole run shares: a data folder of its own, so that no test's ledger outlives it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture(autouse=True, scope="session")
def data_folder() -> Iterator[None]:
    """The data folder of every gateway that is not given another."""
    with TemporaryDirectory(prefix="citygate-") as folder:
        os.environ["CITYGATE_DATA_FOLDER"] = folder
        yield
        del os.environ["CITYGATE_DATA_FOLDER"]
