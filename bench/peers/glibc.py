"""Debian 13's C library, unpacked beside an older system's own and not installed, for a peer's binary that needs it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.peers.install import NotInstalled, cache, command

RELEASE = "trixie"
PACKAGES = ("libc6", "libgcc-s1")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_CONFIGURATION = """
Dir::State "{0}/state";
Dir::State::lists "{0}/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "{0}/cache";
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Sandbox::User "root";
"""


def loader() -> list[str]:
    """The beginning of a command line that runs a binary with the newer library.

    Raises: NotInstalled, on another system than Debian for example.
    """
    folder = cache() / f"glibc-{RELEASE}"
    if not folder.is_dir():
        _unpack(folder)
    found = next(folder.glob("usr/lib/*/ld-linux-*"), None) or next(folder.glob("usr/lib*/ld-linux-*"), None)
    if found is None:
        raise NotInstalled(f"{folder} has no loader")
    return [str(found.resolve()), "--library-path", str(next(folder.glob("usr/lib/*/libc.so.6")).parent)]


def _unpack(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        work = Path(temporary)
        apt = {"APT_CONFIG": str(_configured(work))}
        command(["apt-get", "update"], work, apt)
        command(["apt-get", "download", *(f"{name}/{RELEASE}" for name in PACKAGES)], work, apt)
        for package in work.glob("*.deb"):
            command(["dpkg-deb", "--extract", str(package), "root"], work)
        (work / "root").rename(folder)


def _configured(work: Path) -> Path:
    """Settings under which apt asks the Debian mirror that this machine uses for the newer release, and writes here."""
    for each in ("state", "lists/partial", "cache/archives/partial"):
        (work / each).mkdir(parents=True)
    (work / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror(work)} {RELEASE} main\n")
    path = work / "apt.conf"
    path.write_text(_CONFIGURATION.format(work))
    return path


def _mirror(work: Path) -> str:
    sites = command(["apt-get", "indextargets", "--format", "$(SITE)"], work).split()
    found = next((site for site in sites if site.rstrip("/").endswith("/debian")), None)
    if found is None:
        raise NotInstalled("apt knows no mirror of Debian here; the newer C library comes from one")
    return found
