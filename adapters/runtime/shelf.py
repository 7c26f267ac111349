"""One entry of the store that is not looked up by anything but its place."""

from __future__ import annotations

from adapters.runtime.store import Entry, Store


class Shelf:
    """The entry under a key."""

    def __init__(self, store: Store, key: str) -> None:
        self._store, self._key = store, key

    async def get(self) -> bytes | None:
        """The value. Raises: StoreUnavailable."""
        (found,) = await self._store.get_many([self._key])
        return found

    async def put(self, value: bytes, ttl: float) -> None:
        """Replace the value, for so many seconds. Raises: StoreUnavailable."""
        await self._store.put_many([Entry(self._key, value, ttl=ttl)])
