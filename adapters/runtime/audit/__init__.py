"""The access log: who saw what of whom, chained so that nothing can be changed unseen; read `log` first."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.runtime.audit.log import AuditLog, Verified
from adapters.runtime.audit.papers import Papers
from adapters.runtime.audit.recorder import Bounds
from adapters.runtime.audit.tables import TABLES
from adapters.runtime.sql import open_connections, open_sealer, require_keys

__all__ = [
    "AuditLog",
    "Bounds",
    "Verified",
    "check_audit",
    "open_audit",
]


def open_audit(
    url: str, keys: Sequence[str], *, keep: float, bounds: tuple[float, float, int] | None = None
) -> AuditLog:
    """The access log that a URL names; `bounds` are those of `Bounds`, in order. Raises: BadUrl."""
    connections = open_connections(url, TABLES)
    return AuditLog(connections, Papers(open_sealer(url, keys, TABLES.what)), keep=keep, bounds=Bounds(*bounds or ()))


def check_audit(url: str, keys: Sequence[str]) -> None:
    """Refuse what `open_audit` refuses, and open and make nothing. Raises: BadUrl."""
    open_connections(url, TABLES)
    require_keys(url, keys, TABLES.what)
