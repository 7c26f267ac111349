"""SQL databases for what must outlive the process: SQLite for one machine, PostgreSQL for several, chosen by URL."""

from adapters.runtime.sql.contract import BadUrl, Connections, Database, DatabaseUnavailable, Tables
from adapters.runtime.sql.opening import open_connections, sqlite_path

__all__ = [
    "BadUrl",
    "Connections",
    "Database",
    "DatabaseUnavailable",
    "Tables",
    "open_connections",
    "sqlite_path",
]
