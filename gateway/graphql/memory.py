"""A bounded memory of what was used last."""

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """Least recently used values by key, bounded in number and in the sum of their sizes (bytes, as `put` says)."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._values: OrderedDict[str, tuple[V, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> V | None:
        """The value, used last from now on; None when there is none."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: str, value: V, size: int) -> None:
        """Remember a value, and forget what was used longest ago as far as the bounds demand."""
        _, former = self._values.pop(key, (None, 0))
        self._values[key] = value, size
        self._bytes += size - former
        while len(self._values) > self._max_entries or self._bytes > self._max_bytes:
            _, (_, freed) = self._values.popitem(last=False)
            self._bytes -= freed
