"""What can be measured: the gateway of a source tree; peers and floors are elsewhere and look the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from bench.machine import Cores
from bench.overlay import Edit, Overlay, laid_over
from bench.processes import HERE, Departments, NotStarted, Serving, first_line, running

DATA = "{data folder}"
COLD_STORE = "memory://?max_bytes=64KiB"
"""The smallest store: everything of a person is gone again before the person's next turn."""
_COUNTED = {"CITYGATE_SUBJECT_UNITS": "1000000000"}
"""Each request is counted, and nobody asks too much: the load is that of a city, and comes from few persons."""


class Subject(Protocol):
    """Something that answers the workloads."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def serving(self, before: Departments, cores: Cores, *, hot: bool) -> AbstractContextManager[Serving]:
        """Start it on cores in front of canned departments; `hot` lets it keep what it has read.

        Raises: NotStarted.
        """
        ...

    def headers(self, person: str) -> Mapping[str, str]:
        """What a request of a person has beside the headers that all have; an empty one takes such a header away."""
        ...


@dataclass(frozen=True, kw_only=True)
class Tree:
    """`citygate serve` of a source tree, with its own configuration.

    `overlay` changes some of its YAML files, and `edits` its source, in a copy. `python` are the interpreter's
    arguments. `workers` is how many processes: of one command where it has `--workers`, else so many commands.
    `anonymous` leaves the tokens out.
    `environment` stands above what the bench says; `DATA` in it becomes the data folder.
    """

    path: Path = HERE
    name: str = "citygate"
    overlay: Overlay = field(default_factory=dict)
    python: tuple[str, ...] = ("-m", "gateway")
    workers: int = 1
    anonymous: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    edits: Sequence[Edit] = ()

    @contextmanager
    def serving(self, before: Departments, cores: Cores, *, hot: bool) -> Iterator[Serving]:
        """See `Subject`."""
        environment = {**environment_of(before, hot=hot), **self.environment}
        with ExitStack() as stack:
            data = stack.enter_context(TemporaryDirectory(prefix="citygate-bench-"))
            environment = {name: value.replace(DATA, data) for name, value in environment.items()}
            environment["CITYGATE_DATA_FOLDER"] = data
            changed = self.overlay or self.edits
            tree = stack.enter_context(laid_over(self.path, self.overlay, self.edits)) if changed else self.path
            if self.workers > 1 and _offers_workers(tree):
                yield stack.enter_context(self._one(tree, cores, environment, "--workers", str(self.workers)))
                return
            yield _joined([stack.enter_context(self._one(tree, cores, environment)) for _ in range(self.workers)])

    def headers(self, person: str) -> Mapping[str, str]:
        """A token says who it is, if that may be known."""
        return {"authorization": ""} if self.anonymous else {}

    @contextmanager
    def _one(self, tree: Path, cores: Cores, environment: Mapping[str, str], *more: str) -> Iterator[Serving]:
        command = [sys.executable, *self.python, "serve", "--host", "127.0.0.1", "--port", "0", *more]
        with running(command, cores, cwd=tree, environment=environment) as process:
            found = re.search(r"http://[\d.]+:\d+", first_line(process))
            if found is None:
                raise NotStarted(f"{' '.join(command)}: its first line has no address")
            yield Serving((process.pid,), (found.group(),))


def _offers_workers(tree: Path) -> bool:
    command = [sys.executable, "-m", "gateway", "serve", "--help"]
    return "--workers" in subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True).stdout


def _joined(parts: list[Serving]) -> Serving:
    return Serving(
        tuple(pid for part in parts for pid in part.pids), tuple(where for part in parts for where in part.addresses)
    )


def environment_of(before: Departments, *, hot: bool) -> dict[str, str]:
    """A gateway's environment in front of canned departments."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CITYGATE_")}
    addresses = {f"CITYGATE_ADDRESS_{name.upper()}": where for name, where in before.addresses.items()}
    cold = {} if hot else {"CITYGATE_STORE": COLD_STORE, "CITYGATE_ANSWER_BYTES": "0"}
    return {
        **inherited,
        **addresses,
        **cold,
        **_COUNTED,
        "CITYGATE_ISSUER": before.addresses["issuer"],
        "PYTHONUNBUFFERED": "1",
    }
