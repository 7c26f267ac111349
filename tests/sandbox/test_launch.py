"""Starting, stopping and dying together."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.launch import LaunchError, SandboxCity, discover
from tests.sandbox.conftest import LIBRARY

PARENT = f"""
import sys, time
from sandbox.__main__ import main
from sandbox.launch import SandboxCity
with SandboxCity(departments=[{LIBRARY!r}]) as city:
    print(city.pid("issuer"), city.pid({LIBRARY!r}), flush=True)
    time.sleep(60)
"""


def health(address: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{address}/_sandbox/health", timeout=5) as reply:
        answer: dict[str, str] = json.load(reply)
    return answer


def gone(pid: int, *, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if _is_zombie(pid):
            return True
        time.sleep(0.02)
    return False


def _is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False


def test_each_server_is_a_process_of_its_own(running):
    assert health(running.addresses["issuer"])["name"] == "issuer"
    assert health(running.addresses[LIBRARY])["name"] == "library"
    assert len({running.pid("issuer"), running.pid(LIBRARY), os.getpid()}) == 3


def test_one_server_stops_and_comes_back_at_its_address():
    with SandboxCity(departments=[LIBRARY]) as city:
        address, pid = city.addresses[LIBRARY], city.pid(LIBRARY)
        city.stop(LIBRARY)
        assert gone(pid)
        with pytest.raises(OSError):
            health(address)
        assert health(city.addresses["issuer"])["status"] == "up"
        city.start(LIBRARY)
        assert city.addresses[LIBRARY] == address
        assert health(address)["status"] == "up"


async def test_the_city_is_an_asynchronous_context_manager_too():
    async with SandboxCity(departments=[]) as city:
        pid = city.pid("issuer")
        assert list(city.addresses) == ["issuer"]
    assert gone(pid)


def test_ports_in_a_row_when_a_first_one_is_given():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with SandboxCity(departments=[], base_port=port) as city:
        assert city.addresses == {"issuer": f"http://127.0.0.1:{port}"}


def test_a_server_that_cannot_start_is_named_and_none_is_left_behind(capfd):
    city = SandboxCity(departments=["tests.sandbox.nothing_there"])
    with pytest.raises(LaunchError, match=r"nothing_there: ended with status 1"):
        city.start()
    with pytest.raises(KeyError):
        city.pid("issuer")
    assert "ModuleNotFoundError" in capfd.readouterr().err


def test_a_port_that_is_taken_is_an_error(capfd):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        city = SandboxCity(departments=[], base_port=taken.getsockname()[1])
        with pytest.raises(LaunchError, match="issuer"):
            city.start()
    assert "Address already in use" in capfd.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_servers_die_with_the_process_that_started_them(number):
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(number)
        parent.wait(timeout=10)
        assert len(pids) == 2
        assert all(gone(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_addresses_and_ends_cleanly(number):
    command = [sys.executable, "-m", "sandbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        addresses = json.loads(process.stdout.readline())
        assert health(addresses["issuer"])["status"] == "up"
        assert set(addresses) == {"issuer", *discover()}
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


def test_a_hanging_call_does_not_hold_up_the_end():
    with SandboxCity(departments=[LIBRARY]) as city:
        address = city.addresses[LIBRARY]
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"GET /books HTTP/1.1\r\nHost: x\r\nX-Sandbox-Scenario: hang\r\n\r\n")
            time.sleep(0.1)
            before = time.monotonic()
            city.stop(LIBRARY)
            assert time.monotonic() - before < 3


def test_the_command_ends_with_its_parent_when_told_so():
    command = [sys.executable, "-m", "sandbox", "--json", "--with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        address = json.loads(process.stdout.readline())["issuer"]
        process.stdin.close()
        assert process.wait(timeout=10) == 0
        with pytest.raises(OSError):
            health(address)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--data", "/no/such/folder"], "'/no/such/folder' is not a folder"),
        (["--base-port", "70000"], "'70000' is not between 0 and 65535"),
    ],
)
def test_wrong_options_are_refused_with_the_value(capsys, arguments, reason):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert reason in capsys.readouterr().err


def test_a_data_file_that_cannot_be_read_is_named(tmp_path, capfd):
    folder = tmp_path / "cn_divisions"
    folder.mkdir()
    (folder / "areas.csv").write_text("code,name\n" + "x" * 200_000)
    with pytest.raises(LaunchError, match="issuer"):
        SandboxCity(departments=[], data=tmp_path).start()
    error = capfd.readouterr().err
    assert "areas.csv: line 2" in error
    assert "Traceback" not in error
