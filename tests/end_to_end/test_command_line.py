"""The commands as people type them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.settings import ROOT
from tests.end_to_end.gateway import CONFIGURED, PATIENCE, address_in, call


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def begin(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def overview() -> str:
    return run("--help").stdout


@pytest.mark.parametrize("command", ["serve", "sandbox", "demo", "check", "schema", "token", "revoke"])
def test_every_command_explains_itself(overview: str, command: str) -> None:
    assert command in overview
    helped = run(command, "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert len(helped.stdout.splitlines()) > 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_prints_where_to_go_gives_tokens_and_ends_cleanly(number: signal.Signals) -> None:
    with begin("demo", "--port", "0") as demo:
        try:
            address = address_in(demo)
            token = run("token", "resident", "--gateway", address)
            assert (token.returncode, token.stdout.count(".")) == (0, 2)
            headers = {"content-type": "application/json", "authorization": f"Bearer {token.stdout.strip()}"}
            body = b'{"query": "{ viewer { name } }"}'
            assert call(f"{address}/graphql", method="POST", headers=headers, body=body)["data"]["viewer"]["name"]
            unknown = run("token", "nobody", "--gateway", address)
            assert (unknown.returncode, "'nobody'" in unknown.stderr) == (1, True)
            children = children_of(demo.pid)
            assert len(children) == 1
        finally:
            demo.send_signal(number)
        assert demo.wait(PATIENCE) == 0
        assert demo.stderr is not None
        assert b"Traceback" not in demo.stderr.read()
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_port_in_use_is_one_clear_line() -> None:
    with begin("serve", "--port", "0") as first:
        try:
            port = address_in(first).rpartition(":")[2]
            second = run("serve", "--port", port)
            assert second.returncode == 1
            assert f"127.0.0.1:{port}" in second.stderr
            assert "Traceback" not in second.stderr
        finally:
            first.terminate()
            first.wait(PATIENCE)


def test_check_tells_what_is_configured_and_what_is_away() -> None:
    checked = run("check")
    assert checked.returncode == 0
    assert all(name in checked.stdout for name in CONFIGURED)
    away = {f"CITYGATE_ADDRESS_{name.upper()}": "http://127.0.0.1:9" for name in CONFIGURED}
    assert run("check", "--reach", **away).returncode == (1 if CONFIGURED else 0)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration that is accepted."""
    folder = tmp_path_factory.mktemp("right")
    (folder / "gateway.yaml").write_text("identity: { issuer: 'http://127.0.0.1' }\n")
    (folder / "departments.yaml").write_text("departments: {}\n")
    assert run("check", "--config", str(folder)).returncode == 0
    return folder


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("gateway.yaml", "store: memory://\n", "gateway.yaml:1"),
        ("gateway.yaml", "identity: { issuer: here }\n", "identity.issuer"),
        ("gateway.yaml", "identity: { issuer: 'http://127.0.0.1' }\nstoer: x\n", "`stoer`"),
        ("gateway.yaml", "identity: { issuer: 'http://127.0.0.1' }\nstore: ftp://x\n", "ftp"),
        ("departments.yaml", "departments:\n  nowhere: { address: 'http://127.0.0.1' }\n", "'nowhere'"),
        ("departments.yaml", "departments:\n  x: { address: 'http://127.0.0.1' }\n  x: {}\n", "departments.yaml:3"),
        ("departments.yaml", "departments: [\n", "departments.yaml:2"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_place(
    right: Path, tmp_path: Path, file: str, text: str, says: str
) -> None:
    shutil.copytree(right, tmp_path, dirs_exist_ok=True)
    (tmp_path / file).write_text(text)
    refused = run("check", "--config", str(tmp_path))
    assert refused.returncode == 2
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_environment_is_refused_by_its_variables_name() -> None:
    refused = run("check", CITYGATE_ISSUER="not an address")
    assert (refused.returncode, "CITYGATE_ISSUER" in refused.stderr) == (2, True)


def test_revoke_says_what_it_needs() -> None:
    for arguments in ((), ("--person", "1", "--token-id", "2"), ("--person", " ")):
        assert run("revoke", *arguments).returncode == 2
    private = run("revoke", "--person", "1")
    assert (private.returncode, "memory://" in private.stderr) == (2, True)
    elsewhere = {"CITYGATE_STORE": "redis://127.0.0.1:9"}
    unsealed = run("revoke", "--person", "1", **elsewhere)
    assert (unsealed.returncode, "store_keys is empty" in unsealed.stderr) == (2, True)
    away = run("revoke", "--person", "1", **elsewhere, CITYGATE_STORE_KEYS="plain:a key for tests only")
    assert (away.returncode, "nothing was revoked" in away.stderr) == (1, True)


def test_token_without_a_gateway_says_how_to_start_one() -> None:
    refused = run("token", "resident", "--gateway", "http://127.0.0.1:9")
    assert (refused.returncode, "citygate demo" in refused.stderr) == (1, True)
