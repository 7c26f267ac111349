"""One value in the store under a name of its own, such as the list of revocations."""

from __future__ import annotations

from adapters.runtime.store import Entry, Store


class Shelf:
    """Raises what the store raises."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name

    async def get(self) -> bytes | None:
        """The value, while it lasts."""
        (found,) = await self._store.get_many([self._name])
        return found

    async def put(self, value: bytes, ttl: float) -> None:
        """Keep a value for so many seconds."""
        await self._store.put_many([Entry(self._name, value, ttl=ttl)])
