"""Starts the peers in front of the canned departments."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from bench.machine import Cores
from bench.peers import glibc
from bench.peers.install import SOURCES, command, installed
from bench.processes import Departments, NotStarted, Serving, free_port, running, wait_for

_KEEPS_MS = 60_000


class Peer(ABC):
    """A peer, started with the files of its `folder` beside this module.

    Peers verify no token: a header says whose request it is.
    """

    name: ClassVar[str]
    folder: ClassVar[str]
    title: ClassVar[str]

    def install(self) -> Path:
        """The folder of its packages, which are fetched if need be. Raises: NotInstalled."""
        return installed(self.folder)

    def headers(self, person: str) -> Mapping[str, str]:
        """See `bench.subjects.Subject`."""
        return {"x-citizen-id": person}

    @contextmanager
    def serving(self, before: Departments, cores: Cores, *, hot: bool) -> Iterator[Serving]:
        """See `bench.subjects.Subject`. Raises: NotInstalled, too."""
        packages, port = self.install(), free_port()
        with tempfile.TemporaryDirectory(dir=packages, prefix="run-") as folder:
            work = Path(folder)
            shutil.copy(SOURCES / "schema.graphql", work)
            shutil.copytree(SOURCES / self.folder, work, dirs_exist_ok=True)
            environment = self._environment(port, before.addresses["plain"], hot=hot)
            arguments = self._prepare(packages, work, environment)
            log = work / "log"
            with running(arguments, cores, cwd=work, environment=environment, log=log) as process:
                try:
                    yield Serving((process.pid,), (wait_for(port, process),))
                except NotStarted as exc:
                    raise NotStarted(f"{exc}: {log.read_text()[-1000:]}") from exc

    @abstractmethod
    def _prepare(self, packages: Path, work: Path, environment: dict[str, str]) -> list[str]:
        """Make `work` ready, and say how the peer is started there."""

    def _environment(self, port: int, departments: str, *, hot: bool) -> dict[str, str]:
        return {
            **os.environ,
            "NODE_ENV": "production",
            "PORT": str(port),
            "DEPARTMENTS": departments,
            "CACHED": "1" if hot else "",
        }


class Tailcall(Peer):
    """Tailcall: one worker, no shared executions; hot, with `@cache` on each field that asks a department."""

    name = folder = "tailcall"
    title = "Tailcall (Rust)"

    def _prepare(self, packages: Path, work: Path, environment: dict[str, str]) -> list[str]:
        path = work / "gateway.graphql"
        cached = f"@cache(maxAge: {_KEEPS_MS})" if environment["CACHED"] else ""
        path.write_text(path.read_text().replace("PORT", environment["PORT"]).replace("CACHED", cached))
        environment.update(TAILCALL_TRACKER="false", TC_TRACKER="false", TC_LOG_LEVEL="error")
        return [*_runs(packages / "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"), "start", str(path)]

    def install(self) -> Path:
        """Its packages, and a newer C library if it needs one."""
        packages = super().install()
        _runs(packages / "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall")
        return packages


def _runs(binary: Path) -> list[str]:
    plain = subprocess.run([str(binary), "--version"], capture_output=True, check=False)
    return [str(binary)] if plain.returncode == 0 else [*glibc.loader(), str(binary)]


class Hive(Peer):
    """Hive Gateway over a supergraph that Mesh composes; hot, with its response cache, one for each person."""

    name = folder = "hive"
    title = "Hive Gateway with Mesh (Node)"

    def _prepare(self, packages: Path, work: Path, environment: dict[str, str]) -> list[str]:
        binaries = packages / "node_modules/.bin"
        command([str(binaries / "mesh-compose"), "-o", "supergraph.graphql"], work, environment)
        return [str(binaries / "hive-gateway"), "supergraph"]


class _Server(Peer):
    client: ClassVar[str]

    def _prepare(self, packages: Path, work: Path, environment: dict[str, str]) -> list[str]:
        environment["CLIENT"] = self.client
        return ["node", "server.js"]


class Mercurius(_Server):
    """Mercurius with graphql-jit and loaders, and Node's `fetch`; it keeps nothing."""

    name = folder = "mercurius"
    title = "Mercurius with JIT (Node)"
    client = "fetch"


class MercuriusUndici(Mercurius):
    """The same with the fastest client that Node has."""

    name = "mercurius-undici"
    title = "Mercurius with JIT on undici's own client (Node)"
    client = "undici"


class Yoga(_Server):
    """GraphQL Yoga with DataLoader, and Node's `fetch`; it keeps nothing."""

    name = folder = "yoga"
    title = "GraphQL Yoga with DataLoader (Node)"
    client = "fetch"


class YogaUndici(Yoga):
    """The same with the fastest client that Node has."""

    name = "yoga-undici"
    title = "GraphQL Yoga with DataLoader on undici's own client (Node)"
    client = "undici"


PEERS: Mapping[str, Peer] = {
    peer.name: peer for peer in (Tailcall(), Hive(), Mercurius(), MercuriusUndici(), Yoga(), YogaUndici())
}
