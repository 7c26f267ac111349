"""Where the ledger is, and what seals it, as the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gateway.secrets import secret_of
from gateway.settings import Settings


class LedgerPlace(NamedTuple):
    """The ledger's URL and its keys, of which the first seals and all open; without any it has a key of its own."""

    url: str
    keys: tuple[str, ...]


def ledger_place(settings: Settings) -> LedgerPlace:
    """The configured ledger, or a file in the data folder. Raises: OptionError for a key that cannot be had."""
    chosen = settings.gateway.ledger
    url = chosen.url or f"sqlite://{(Path(settings.gateway.data) / 'ledger.db').absolute()}"
    return LedgerPlace(url, tuple(secret_of("ledger.keys", reference) for reference in chosen.keys or ()))
