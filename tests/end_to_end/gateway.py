"""A gateway as a real process in front of a sandbox city of real processes, and a client for both."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from gateway.settings import CONFIG, ROOT, load
from sandbox.launch import SandboxCity

EVERY_CALL = {"breaker": {"failures": 1000}, "retries": {"at_most": 0}, "longest_wait": "0s"}
"""How departments are called that fail on purpose, one after the other: every call is made, and made once."""
EXAMPLES = ROOT / "examples"
CONFIGURED = frozenset(load(environ={}).departments)
"""Departments of the shipped configuration: with one deleted, the tests expect its fields to be absent."""
PATIENCE = 30.0
under_both = pytest.mark.parametrize("compiling", ["true", "false"], ids=["compiled", "reference"], indirect=True)
"""For tests in which execution matters: once with the compiled executor, once with graphql-core's."""


def call(url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Any:
    """The JSON of one HTTP exchange, whatever its status."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}), data=body)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused)


@dataclass(frozen=True)
class Sandbox:
    """The city's control endpoints."""

    city: SandboxCity

    def token(self, persona: str) -> str:
        issued = call(f"{self.city.addresses['issuer']}/token", method="POST", body=f"persona={persona}".encode())
        token: str = issued["access_token"]
        return token

    def calls(self) -> dict[str, int]:
        """Business calls per department since the last reset, those with none left out."""
        totals = {name: call(f"{where}/_sandbox/calls")["total"] for name, where in self.departments().items()}
        return {name: total for name, total in totals.items() if total}

    def operations(self, department: str) -> dict[str, int]:
        """Calls of one department by operation since the last reset."""
        found: dict[str, int] = call(f"{self.city.addresses[department]}/_sandbox/calls")["operations"]
        return found

    def calls_in_detail(self, department: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = call(f"{self.city.addresses[department]}/_sandbox/calls?detail=1")["calls"]
        return found

    def forget_calls(self) -> None:
        for where in self.departments().values():
            call(f"{where}/_sandbox/calls", method="DELETE")

    def reset(self) -> None:
        for where in self.departments().values():
            call(f"{where}/_sandbox/reset", method="POST")

    def behave(self) -> None:
        """No department misbehaves any more."""
        for where in self.departments().values():
            call(f"{where}/_sandbox/scenario", method="DELETE")

    def misbehave(self, department: str, **scenario: Any) -> None:
        where = f"{self.city.addresses[department]}/_sandbox/scenario"
        call(where, method="PUT", body=json.dumps(scenario).encode())

    def departments(self) -> dict[str, str]:
        return {name: where for name, where in self.city.addresses.items() if name != "issuer"}


@dataclass(frozen=True)
class Client:
    """Asks a gateway as a persona, or as nobody."""

    address: str
    sandbox: Sandbox

    def ask(self, document: str, persona: str | None = None, *, locale: str = "en", **variables: Any) -> Any:
        headers = {"content-type": "application/json", "accept-language": locale}
        if persona:
            headers["authorization"] = f"Bearer {self.sandbox.token(persona)}"
        body = json.dumps({"query": document, "variables": variables}).encode()
        return call(f"{self.address}/graphql", method="POST", headers=headers, body=body)

    def example(self, name: str, persona: str | None = None, **variables: Any) -> Any:
        return self.ask((EXAMPLES / f"{name}.graphql").read_text("utf-8"), persona, **variables)

    def data(self, name: str, persona: str | None = None, **variables: Any) -> Any:
        """An example's data; an error is a failure."""
        answer = self.example(name, persona, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


def configured(folder: Path, calls: Mapping[str, Any]) -> Path:
    """The shipped configuration in a folder of its own, but for how departments are called."""
    shutil.copytree(CONFIG, folder, dirs_exist_ok=True)
    found = yaml.safe_load((CONFIG / "departments.yaml").read_text("utf-8"))
    for department in found["departments"].values():
        department["calls"] = calls
    changed = folder / "changed.yaml"
    changed.write_text(json.dumps(found), "utf-8")  # which is YAML
    changed.replace(folder / "departments.yaml")
    return folder


@contextmanager
def serving(
    city: SandboxCity, *arguments: str, store: str = "memory://", module: str = "gateway", **environment: str
) -> Iterator[str]:
    """`citygate serve` in front of a city: its address. SIGTERM ends it, and it must end well.

    Its ledger is its own unless `CITYGATE_DATA_FOLDER` says where it is.
    """
    with TemporaryDirectory(prefix="citygate-") as folder:
        process = started(
            city, *arguments, store=store, module=module, **{"CITYGATE_DATA_FOLDER": folder, **environment}
        )
        try:
            yield address_in(process)
        finally:
            process.terminate()
            status = process.wait(PATIENCE)
            assert process.stdout is not None
            process.stdout.close()
    assert status == 0, f"the gateway ended with status {status}"


def started(
    city: SandboxCity, *arguments: str, store: str = "memory://", module: str = "gateway", **environment: str
) -> subprocess.Popen[bytes]:
    """`citygate serve` in front of a city, as a process that the caller ends."""
    return subprocess.Popen(
        [sys.executable, "-m", module, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        env=environment_of(city, store=store, **environment),
        cwd=ROOT,
    )


def environment_of(city: SandboxCity, *, store: str = "memory://", **environment: str) -> dict[str, str]:
    """The environment of a gateway in front of a city."""
    addresses = {f"CITYGATE_ADDRESS_{name.upper()}": where for name, where in city.addresses.items()}
    own = {"CITYGATE_ISSUER": city.addresses["issuer"], "CITYGATE_STORE": store, **addresses}
    if not store.startswith(("memory:", "sqlite:")):
        own["CITYGATE_STORE_KEYS"] = "plain:a key for tests only"
    return {**os.environ, **own, "CITYGATE_SAMPLE_RATIO": "1", "PYTHONUNBUFFERED": "1", **environment}


def address_in(process: subprocess.Popen[bytes]) -> str:
    """The first address that a process prints."""
    assert process.stdout is not None
    if found := first_address(process.stdout):
        return found
    raise AssertionError(f"the process ended with status {process.wait()} and printed no address")


def first_address(printed: Iterable[bytes]) -> str | None:
    """The first address in what is printed."""
    found = (re.search(r"http://[\d.]+:\d+", line.decode()) for line in printed)
    return next((one.group() for one in found if one), None)


def real_data() -> Path | None:
    """The folder with real public data, where the environment names one."""
    return Path(os.environ["CITYGATE_DATA"]) if os.environ.get("CITYGATE_DATA") else None
