"""A floor as something that can be measured."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bench.machine import Cores
from bench.processes import HERE, Departments, Serving, first_line, running


@dataclass(frozen=True, slots=True)
class Floor:
    """A module of this package that serves."""

    name: str
    module: str

    @contextmanager
    def serving(self, before: Departments, cores: Cores, *, hot: bool) -> Iterator[Serving]:
        """See `bench.subjects.Subject`; it asks no department and keeps nothing."""
        command = [sys.executable, "-m", f"bench.floors.{self.module}"]
        with running(command, cores, cwd=HERE, environment=os.environ) as process:
            yield Serving((process.pid,), (first_line(process).strip(),))

    def headers(self, person: str) -> Mapping[str, str]:
        """None: everybody gets the same."""
        return {}


FLOORS = (Floor("floor: asyncio protocol", "protocol"), Floor("floor: uvicorn ASGI", "asgi"))
