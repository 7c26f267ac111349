"""Choose a database by its URL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.runtime.sql.contract import BadUrl, Connections, Tables
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
