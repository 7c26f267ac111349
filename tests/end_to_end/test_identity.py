"""Whom a real gateway believes, with tokens of the sandbox's real issuer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from gateway.settings import ROOT
from sandbox.issuer import Fault
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, PATIENCE, Client, Sandbox, call, serving

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


EVERYTHING = """{ viewer { name appointments { totalCount } registrations { totalCount } complaints { totalCount }
  taxAccount { obligations { period } } civilRecord { age } household { number } extracts { totalCount } } }"""
OF_SCOPE = {
    "appointments": {"appointments"},
    "registrations": {"registrations"},
    "complaints": {"complaints"},
    "tax": {"taxAccount"},
    "civil": {"civilRecord", "household", "extracts"},
    "openid": set(),
}


def ask_all(address: str, token: str, document: str = EVERYTHING) -> Any:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    body = json.dumps({"query": document}).encode()
    return call(f"{address}/graphql", method="POST", headers=headers, body=body)


@pytest.mark.skipif(len(CONFIGURED) < 6, reason="a department is not configured")
@pytest.mark.parametrize("scope", OF_SCOPE)
def test_a_token_for_one_domain_gets_that_domain(shared: Client, sandbox: Sandbox, scope: str) -> None:
    """Three times: on the reference, compiled, and from what was kept; after somebody who may have everything."""
    full, narrow = token(sandbox, "persona=resident"), token(sandbox, f"persona=resident&scope={scope}")
    for _ in range(3):
        assert "errors" not in ask_all(shared.address, full)
        answer = ask_all(shared.address, narrow)
        got = {name for name, value in answer["data"]["viewer"].items() if value is not None}
        assert got == OF_SCOPE[scope] | {"name"}
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        assert codes == {"SCOPE_MISSING"}


@pytest.mark.skipif(len(CONFIGURED) < 6, reason="a department is not configured")
def test_who_is_hardly_known_gets_neither_taxes_nor_civil_records(shared: Client, sandbox: Sandbox) -> None:
    for _ in range(3):
        answer = ask_all(shared.address, token(sandbox, "persona=resident&acr=low"))
        refused = {error["path"][1]: error["extensions"] for error in answer["errors"]}
        assert set(refused) == {"taxAccount", "civilRecord", "household", "extracts"}
        assert {(one["code"], one["requiredAssurance"]) for one in refused.values()} == {
            ("ASSURANCE_TOO_LOW", "SUBSTANTIAL")
        }


@pytest.mark.skipif("hotline" not in CONFIGURED, reason="the hotline is not configured")
def test_an_id_opens_nothing_that_the_token_does_not(shared: Client, sandbox: Sandbox) -> None:
    full, narrow = token(sandbox, "persona=resident"), token(sandbox, "persona=resident&scope=tax")
    listed = ask_all(shared.address, full, "{ viewer { complaints(first: 1) { nodes { id } } } }")
    (found,) = listed["data"]["viewer"]["complaints"]["nodes"]
    document = f'{{ node(id: "{found["id"]}") {{ id ... on Complaint {{ description }} }} }}'
    for _ in range(3):
        assert ask_all(shared.address, full, document)["data"]["node"]["id"] == found["id"]
        assert ask_all(shared.address, token(sandbox, "persona=parent"), document)["data"] == {"node": None}
        refused = ask_all(shared.address, narrow, document)
        assert refused["data"] == {"node": None}
        assert refused["errors"][0]["extensions"]["code"] == "SCOPE_MISSING"
