"""The secrets of a sealed place: those that the operator names, or one of its own in a file beside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from adapters.contract.yaml_file import Misconfigured
from adapters.runtime.sealing import LEAST_SECRET


class BadKeys(Misconfigured):
    """The keys of a sealed place are too short, missing or gone: names the place and what would do, and no key."""


def secrets_of(what: str, setting: str, keys: Sequence[str], file: Path | None) -> list[bytes]:
    """The secrets that seal: `keys`, or without any the one beside `file`, which is made when it is missing.

    `what` is sealed, and `setting` is where an operator names keys; `file` is None where several machines share it.
    Raises: BadKeys.
    """
    require_keys(what, setting, keys, file)
    if keys or file is None:
        return [key.encode() for key in keys]
    return [_own_key(what, setting, file)]


def require_keys(what: str, setting: str, keys: Sequence[str], file: Path | None) -> None:
    """Refuse what `secrets_of` refuses, and make nothing. Raises: BadKeys."""
    if not keys and file is None:
        raise BadKeys(f"{setting} is empty: gateways that share a {what} need a key that they share")
    if any(len(key.encode()) < LEAST_SECRET for key in keys):
        raise BadKeys(f"a key of {setting} is shorter than {LEAST_SECRET} bytes")
    if not keys and file is not None and file.exists() and not key_file(file).exists():
        raise BadKeys(
            f"the {what} {file} is there, and its key {key_file(file)} is gone: bring it back, or name {setting}"
        )


def key_file(file: Path) -> Path:
    """Where a file's own key is."""
    return file.with_name(f"{file.name}.key")


def _own_key(what: str, setting: str, file: Path) -> bytes:
    path = key_file(file)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
    except OSError as exc:
        raise BadKeys(f"the {what}'s key {path} cannot be made or read: {exc.strerror}") from exc
    if len(key) < LEAST_SECRET:
        raise BadKeys(f"the {what}'s key {path} is shorter than {LEAST_SECRET} bytes: name {setting}")
    return key


def _make(path: Path) -> None:
    """A key in a file for its owner only; one of two who make it at once wins for both."""
    made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        made.touch(mode=0o600)
        with made.open("wb") as written:
            written.write(secrets.token_urlsafe(32).encode())
            written.flush()
            os.fsync(written.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
        _to_disk(path.parent)
    finally:
        made.unlink(missing_ok=True)


def _to_disk(folder: Path) -> None:
    """Make the folder's names survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
