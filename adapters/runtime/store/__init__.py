"""The store behind the record cache: one small contract, an engine chosen by URL."""

from adapters.runtime.store.contract import (
    FOR_ALL,
    NO_TAGS,
    BadStoreUrl,
    Carriers,
    Entry,
    Snapshot,
    Store,
    StoreError,
    StoreUnavailable,
)
from adapters.runtime.store.opening import check_store, is_shared, open_sealed, open_store, sealer_at

__all__ = [
    "FOR_ALL",
    "NO_TAGS",
    "BadStoreUrl",
    "Carriers",
    "Entry",
    "Snapshot",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "check_store",
    "is_shared",
    "open_sealed",
    "open_store",
    "sealer_at",
]
