"""Documents that clients register, shared through the store."""

from __future__ import annotations

from contextlib import suppress

from adapters.runtime.store import Entry, Store, StoreUnavailable

KEPT_FOR = 24 * 3600.0


class StoredDocuments:
    """Documents by digest, kept for a day; a store that is away lacks everything."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, digest: str) -> str | None:
        """The document, or None."""
        try:
            (found,) = await self._store.get_many([f"document:{digest}"])
        except StoreUnavailable:
            return None
        return None if found is None else found.decode("utf-8", "replace")

    async def put(self, digest: str, text: str) -> None:
        """Keep a document."""
        with suppress(StoreUnavailable):
            await self._store.put_many([Entry(f"document:{digest}", text.encode(), ttl=KEPT_FOR)])
