"""Put a ledger together: choose its engine by its URL, and make what seals it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from opentelemetry.trace import Tracer

from adapters.runtime.keys import require_keys, secrets_of
from adapters.runtime.ledger.contract import BadLedgerUrl, Engine
from adapters.runtime.ledger.delivery import Means
from adapters.runtime.ledger.desk import Desk
from adapters.runtime.ledger.filing import Ledger
from adapters.runtime.ledger.papers import Papers
from adapters.runtime.ledger.schedule import Patience
from adapters.runtime.ledger.sql import SqlEngine
from adapters.runtime.ledger.sqlite import SqliteConnections
from adapters.runtime.sealing import AesGcmSealer, Sealer
from adapters.runtime.stages.guards import Guards

_ALLOWED = "sqlite:///path/ledger.db or postgresql://user@host/database"
_KEYS = ("ledger", "ledger.keys")
"""What is sealed, and where an operator names keys for it."""


def ledger_at(url: str, keys: Sequence[str], patience: Patience, tracer: Tracer, guards: Guards) -> Ledger:
    """The ledger that a gateway keeps. Raises: BadLedgerUrl, BadKeys."""
    return Ledger(Means(open_engine(url), Papers(open_sealer(url, keys)), tracer, patience, guards, guards))


def desk_at(url: str, keys: Sequence[str]) -> Desk:
    """The ledger's human desk. Raises: BadLedgerUrl, BadKeys."""
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

    Raises: BadLedgerUrl; BadKeys for keys that are too short, or none for an engine that several machines share.
    """
    return AesGcmSealer(secrets_of(*_KEYS, keys, sqlite_path(url)), "ledger")


def check_ledger(url: str, keys: Sequence[str]) -> None:
    """Refuse what `open_engine` and `open_sealer` refuse, and open and make nothing. Raises: as they do."""
    open_engine(url)
    require_keys(*_KEYS, keys, sqlite_path(url))


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
