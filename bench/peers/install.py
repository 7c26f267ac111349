"""Installs a peer from its lock file into a cache folder, once; nothing of it runs while it is installed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

SOURCES = Path(__file__).parent
MANIFESTS = ("package.json", "package-lock.json")
PATIENCE = 900.0
"""Seconds that a package manager may take."""
_SAID = 400


class NotInstalled(Exception):
    """A peer cannot be had on this machine; the message has the installer's own words."""


def installed(name: str) -> Path:
    """The folder in which a peer's packages are. Raises: NotInstalled."""
    folder = place(name)
    if not folder.is_dir():
        _install(name, folder)
    return folder


def place(name: str) -> Path:
    """Where a peer's packages go: another folder for other versions."""
    manifests = [(SOURCES / name / each).read_bytes() for each in MANIFESTS]
    return cache() / f"{name}-{hashlib.sha256(b''.join(manifests)).hexdigest()[:12]}"


def cache() -> Path:
    """Where peers are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "citygate-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _install(name: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        packages = Path(temporary, "packages")
        packages.mkdir()
        for each in MANIFESTS:
            shutil.copy(SOURCES / name / each, packages)
        command(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], packages)
        packages.rename(folder)


def command(arguments: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """What a command prints. Raises: NotInstalled with what it said."""
    env = {**os.environ, **(environment or {})}
    try:
        done = subprocess.run(
            arguments, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise NotInstalled(f"{arguments[0]}: {exc}") from exc
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-_SAID:]
        raise NotInstalled(f"{' '.join(arguments)} ended with status {done.returncode}: {said}")
    return done.stdout
