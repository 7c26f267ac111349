"""The store behind the record cache: one small contract, an engine chosen by URL."""

from adapters.runtime.store.contract import (
    NO_TAGS,
    BadStoreUrl,
    Entry,
    Snapshot,
    Store,
    StoreError,
    StoreUnavailable,
)
from adapters.runtime.store.opening import open_store

__all__ = [
    "NO_TAGS",
    "BadStoreUrl",
    "Entry",
    "Snapshot",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "open_store",
]
