"""SQL databases for what must outlive the process: SQLite for one machine, PostgreSQL for several, chosen by URL."""

from adapters.runtime.sql.contract import BadUrl, Connections, Database, DatabaseUnavailable, Tables
from adapters.runtime.sql.opening import open_connections, open_sealer, require_keys, sqlite_path
from adapters.runtime.sql.sealing import AesGcmSealer, Sealer, Unsealable

__all__ = [
    "AesGcmSealer",
    "BadUrl",
    "Connections",
    "Database",
    "DatabaseUnavailable",
    "Sealer",
    "Tables",
    "Unsealable",
    "open_connections",
    "open_sealer",
    "require_keys",
    "sqlite_path",
]
