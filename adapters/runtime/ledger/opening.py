"""Put a ledger together: choose its engine by its URL, and make what seals it."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.trace import Tracer

from adapters.runtime.keys import require_keys, secrets_of
from adapters.runtime.ledger.contract import Engine
from adapters.runtime.ledger.delivery import Means
from adapters.runtime.ledger.desk import Desk
from adapters.runtime.ledger.filing import Ledger
from adapters.runtime.ledger.papers import Papers
from adapters.runtime.ledger.schedule import Patience
from adapters.runtime.ledger.sql import TABLES, SqlEngine
from adapters.runtime.sealing import AesGcmSealer, Sealer
from adapters.runtime.sql import open_connections, sqlite_path
from adapters.runtime.stages.guards import Guards

_KEYS = ("ledger", "ledger.keys")
"""What is sealed, and where an operator names keys for it."""


def ledger_at(url: str, keys: Sequence[str], patience: Patience, tracer: Tracer, guards: Guards) -> Ledger:
    """The ledger that a gateway keeps. Raises: BadUrl, BadKeys."""
    return Ledger(Means(open_engine(url), Papers(open_sealer(url, keys)), tracer, patience, guards, guards))


def desk_at(url: str, keys: Sequence[str]) -> Desk:
    """The ledger's human desk. Raises: BadUrl, BadKeys."""
    return Desk(open_engine(url), Papers(open_sealer(url, keys)))


def open_engine(url: str) -> Engine:
    """The engine that the URL names; see `adapters.runtime.sql.open_connections`. Raises: BadUrl."""
    return SqlEngine(open_connections(url, TABLES))


def open_sealer(url: str, keys: Sequence[str]) -> Sealer:
    """What seals the ledger's entries: with the keys, or with one of its own in a file beside a SQLite ledger.

    Raises: BadUrl; BadKeys for keys that are too short, or none for an engine that several machines share.
    """
    return AesGcmSealer(secrets_of(*_KEYS, keys, sqlite_path(url, TABLES.what)), "ledger")


def check_ledger(url: str, keys: Sequence[str]) -> None:
    """Refuse what `open_engine` and `open_sealer` refuse, and open and make nothing. Raises: as they do."""
    open_engine(url)
    require_keys(*_KEYS, keys, sqlite_path(url, TABLES.what))
