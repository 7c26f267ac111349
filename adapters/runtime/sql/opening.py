"""Choose a database by its URL, and make what seals what is in it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.runtime.sql.contract import BadUrl, Connections, Tables
from adapters.runtime.sql.sealing import LEAST_SECRET, AesGcmSealer, Sealer
from adapters.runtime.sql.sqlite import SqliteConnections

_ALLOWED = "sqlite:///path/file.db or postgresql://user@host/database"


def open_connections(url: str, tables: Tables) -> Connections:
    """Connections to the database that the URL names; nothing is opened before the first use.

    `sqlite:///path/file.db` is a file for the processes of one machine; its folder is made when it is missing.
    `postgresql://…` is read by libpq, with all its options.
    Raises: BadUrl.
    """
    path = sqlite_path(url, tables.what)
    if path is not None:
        return SqliteConnections(path, tables)
    if _scheme(url) in {"postgresql", "postgres"}:
        from adapters.runtime.sql.postgres import PostgresConnections  # noqa: PLC0415  # only its users load libpq

        return PostgresConnections(url, tables)
    raise BadUrl(f"the {tables.what}'s URL has the scheme {_scheme(url)!r}; allowed: {_ALLOWED}")


def open_sealer(url: str, keys: Sequence[str], what: str) -> Sealer:
    """What seals the entries: with the keys, or with one of its own in a file beside a SQLite database.

    Raises: BadUrl for keys that are too short, or none for a database that several machines share.
    """
    require_keys(url, keys, what)
    path = sqlite_path(url, what)
    if keys or path is None:
        return AesGcmSealer([key.encode() for key in keys], what)
    return AesGcmSealer([_own_key(path.with_name(f"{path.name}.key"), what)], what)


def require_keys(url: str, keys: Sequence[str], what: str) -> None:
    """Refuse keys that are too short, and none where several machines need one. Raises: BadUrl."""
    if not keys and sqlite_path(url, what) is None:
        raise BadUrl(f"{what}.keys is empty: gateways that share a database need a key that they share")
    if any(len(key.encode()) < LEAST_SECRET for key in keys):
        raise BadUrl(f"a key of {what}.keys is shorter than {LEAST_SECRET} bytes")


def sqlite_path(url: str, what: str) -> Path | None:
    """The file of a SQLite database; None for another one. Raises: BadUrl."""
    if _scheme(url) != "sqlite":
        return None
    parts = urlsplit(url)
    path = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not path.name:
        raise BadUrl(f"sqlite:// takes no host and no options but the path of a file: sqlite:///var/lib/{what}.db")
    if path.is_dir():
        raise BadUrl(f"the {what}'s file {path} is a folder")
    return path


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _own_key(path: Path, what: str) -> bytes:
    """The key in the file, which is made when it is missing; one of two who make it at once wins for both."""
    database = path.with_suffix("")
    if database.exists() and not path.exists():
        raise BadUrl(f"the {what} {database} is there, and its key {path} is gone: bring it back, or name {what}.keys")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        if not path.exists():
            made.touch(mode=0o600)
            with made.open("wb") as file:
                file.write(secrets.token_urlsafe(32).encode())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(made, path)
            _to_disk(path.parent)
        key = path.read_bytes().strip()
    except OSError as exc:
        raise BadUrl(f"the {what}'s key {path} cannot be made or read: {exc.strerror}") from exc
    finally:
        made.unlink(missing_ok=True)
    if len(key) < LEAST_SECRET:
        raise BadUrl(f"the {what}'s key {path} is shorter than {LEAST_SECRET} bytes")
    return key


def _to_disk(folder: Path) -> None:
    """Make the folder's names survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
