"""Whom a real gateway believes, with tokens of the sandbox's real issuer."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from gateway.settings import ROOT
from sandbox.issuer import Fault
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import PATIENCE, Client, Sandbox, call, serving

WHO = b'{"query": "{ viewer { name } }"}'


def ask(address: str, token: str) -> dict[str, object]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    answer: dict[str, object] = call(f"{address}/graphql", method="POST", headers=headers, body=WHO)
    return answer


def token(sandbox: Sandbox, form: str) -> str:
    url = f"{sandbox.city.addresses['issuer']}/token"
    return str(call(url, method="POST", body=form.encode())["access_token"])


@pytest.mark.parametrize("fault", list(Fault))
def test_a_forged_token_is_refused(shared: Client, sandbox: Sandbox, fault: Fault) -> None:
    assert "errors" not in ask(shared.address, token(sandbox, "persona=resident"))
    refused = ask(shared.address, token(sandbox, f"persona=resident&fault={fault}"))
    assert "data" not in refused
    assert "UNAUTHENTICATED" in str(refused["errors"])


@pytest.fixture
def both(running_city: SandboxCity, tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """Two gateways on one store, and its URL."""
    store = f"sqlite:///{tmp_path / 'store.db'}"
    with serving(running_city, store=store) as first, serving(running_city, store=store) as second:
        yield first, second, store


def test_a_revoked_person_is_out_of_every_gateway_and_comes_in_again(
    both: tuple[str, str, str], sandbox: Sandbox
) -> None:
    *gateways, store = both
    stolen, others = token(sandbox, "persona=resident"), token(sandbox, "persona=parent")
    for gateway in gateways:
        assert "errors" not in ask(gateway, stolen)
    person = jwt.decode(stolen, options={"verify_signature": False})["sub"]
    revoked = subprocess.run(
        [sys.executable, "-m", "gateway", "revoke", "--person", person],
        cwd=ROOT,
        env={"CITYGATE_STORE": store, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (revoked.returncode, revoked.stdout) == (0, "Revoked.\n"), revoked.stderr
    assert person not in revoked.stdout + revoked.stderr
    time.sleep(1.0)
    for gateway in gateways:
        assert "UNAUTHENTICATED" in str(ask(gateway, stolen))
        assert "errors" not in ask(gateway, others)
        assert "errors" not in ask(gateway, token(sandbox, "persona=resident"))
