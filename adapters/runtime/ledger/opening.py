"""Put a ledger together: choose its engine by its URL, and make what seals it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from opentelemetry.trace import Tracer

from adapters.runtime.ledger.contract import BadLedgerUrl, Engine
from adapters.runtime.ledger.delivery import Means
from adapters.runtime.ledger.desk import Desk
from adapters.runtime.ledger.filing import Ledger
from adapters.runtime.ledger.papers import Papers
from adapters.runtime.ledger.schedule import Patience
from adapters.runtime.ledger.sealing import LEAST_SECRET, AesGcmSealer, Sealer
from adapters.runtime.ledger.sql import SqlEngine
from adapters.runtime.ledger.sqlite import SqliteConnections

_ALLOWED = "sqlite:///path/ledger.db or postgresql://user@host/database"


def ledger_at(url: str, keys: Sequence[str], patience: Patience, tracer: Tracer) -> Ledger:
    """The ledger that a gateway keeps. Raises: BadLedgerUrl."""
    return Ledger(Means(open_engine(url), Papers(open_sealer(url, keys)), tracer, patience))


def desk_at(url: str, keys: Sequence[str]) -> Desk:
    """The ledger's human desk. Raises: BadLedgerUrl."""
    return Desk(open_engine(url), Papers(open_sealer(url, keys)))


def open_engine(url: str) -> Engine:
    """The engine that the URL names; nothing is opened before the first use.

    `sqlite:///path/ledger.db` is a file for the processes of one machine; its folder is made when it is missing.
    `postgresql://…` is read by libpq, with all its options.
    Raises: BadLedgerUrl.
    """
    path = sqlite_path(url)
    if path is not None:
        return SqlEngine(SqliteConnections(path))
    if _scheme(url) in {"postgresql", "postgres"}:
        from adapters.runtime.ledger.postgres import PostgresConnections  # noqa: PLC0415  # only its users load libpq

        return SqlEngine(PostgresConnections(url))
    raise BadLedgerUrl(f"the ledger's URL has the scheme {_scheme(url)!r}; allowed: {_ALLOWED}")


def open_sealer(url: str, keys: Sequence[str]) -> Sealer:
    """What seals the ledger's entries: with the keys, or with one of its own in a file beside a SQLite ledger.

    Raises: BadLedgerUrl for keys that are too short, or none for an engine that several machines share.
    """
    _require_keys(url, keys)
    path = sqlite_path(url)
    if keys or path is None:
        return AesGcmSealer([key.encode() for key in keys])
    return AesGcmSealer([_own_key(path.with_name(f"{path.name}.key"))])


def check_ledger(url: str, keys: Sequence[str]) -> None:
    """Refuse what `open_engine` and `open_sealer` refuse, and open and make nothing. Raises: BadLedgerUrl."""
    open_engine(url)
    _require_keys(url, keys)


def _require_keys(url: str, keys: Sequence[str]) -> None:
    if not keys and sqlite_path(url) is None:
        raise BadLedgerUrl("ledger.keys is empty: gateways that share a ledger need a key that they share")
    if any(len(key.encode()) < LEAST_SECRET for key in keys):
        raise BadLedgerUrl(f"a key of ledger.keys is shorter than {LEAST_SECRET} bytes")


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite ledger; None for another engine. Raises: BadLedgerUrl."""
    if _scheme(url) != "sqlite":
        return None
    parts = urlsplit(url)
    path = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not path.name:
        raise BadLedgerUrl("sqlite:// takes no host and no options but the path of a file: sqlite:///var/lib/ledger.db")
    if path.is_dir():
        raise BadLedgerUrl(f"the ledger's file {path} is a folder")
    return path


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _own_key(path: Path) -> bytes:
    """The key in the file, which is made when it is missing; one of two who make it at once wins for both."""
    ledger = path.with_suffix("")
    if ledger.exists() and not path.exists():
        raise BadLedgerUrl(
            f"the ledger {ledger} is there, and its key {path} is gone: bring it back, or name ledger.keys"
        )
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
        raise BadLedgerUrl(f"the ledger's key {path} cannot be made or read: {exc.strerror}") from exc
    finally:
        made.unlink(missing_ok=True)
    if len(key) < LEAST_SECRET:
        raise BadLedgerUrl(f"the ledger's key {path} is shorter than {LEAST_SECRET} bytes")
    return key


def _to_disk(folder: Path) -> None:
    """Make the folder's names survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
