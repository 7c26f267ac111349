"""The access log: who saw what of whom, chained so that nothing can be changed unseen; read `log` first."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.runtime.audit.log import AuditLog, Verified
from adapters.runtime.audit.papers import Papers
from adapters.runtime.audit.recorder import Bounds
from adapters.runtime.audit.tables import TABLES
from adapters.runtime.keys import require_keys, secrets_of
from adapters.runtime.sealing import AesGcmSealer
from adapters.runtime.sql import open_connections, sqlite_path

__all__ = [
    "AuditLog",
    "Bounds",
    "Verified",
    "check_audit",
    "open_audit",
]


_KEYS = ("access log", "audit.keys")
"""What is sealed, and where an operator names keys for it."""


def open_audit(
    url: str, keys: Sequence[str], *, keep: float, bounds: tuple[float, float, int] | None = None
) -> AuditLog:
    """The access log that a URL names; `bounds` are those of `Bounds`, in order. Raises: BadUrl, BadKeys."""
    connections = open_connections(url, TABLES)
    return AuditLog(
        connections,
        Papers(AesGcmSealer(secrets_of(*_KEYS, keys, sqlite_path(url, TABLES.what)), "audit")),
        keep=keep,
        bounds=Bounds(*bounds or ()),
    )


def check_audit(url: str, keys: Sequence[str]) -> None:
    """Refuse what `open_audit` refuses, and open and make nothing. Raises: BadUrl, BadKeys."""
    open_connections(url, TABLES)
    require_keys(*_KEYS, keys, sqlite_path(url, TABLES.what))
