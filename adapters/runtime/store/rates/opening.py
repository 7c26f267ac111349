"""Choose the engine of rates by the store's URL."""

from __future__ import annotations

from adapters.runtime.store.opening import sqlite_place
from adapters.runtime.store.rates.contract import Rates
from adapters.runtime.store.rates.memory import MemoryRates
from adapters.runtime.store.rates.sqlite import SqliteRates
from adapters.runtime.store.url import StoreUrl


def open_rates(url: str) -> Rates:
    """The rates beside the store at a URL that `open_store` takes; nothing is connected before the first use."""
    target = StoreUrl(url)
    if target.scheme == "memory":
        return MemoryRates()
    if target.scheme == "sqlite":
        path, timeout = sqlite_place(target)
        return SqliteRates(path, timeout=timeout)
    from adapters.runtime.store.rates.redis import RedisRates  # noqa: PLC0415  # half a second that only its users pay
    from adapters.runtime.store.redis_url import open_wire  # noqa: PLC0415

    wire, prefix = open_wire(target)
    return RedisRates(wire, prefix=prefix)
