"""Choose the store's engine by its URL and by nothing else."""

from collections.abc import Callable, Mapping

from adapters.runtime.store.contract import BadStoreUrl, Store
from adapters.runtime.store.memory import MemoryStore
from adapters.runtime.store.url import StoreUrl

MIB = 1 << 20


def open_store(url: str) -> Store:
    """Return the store that the URL names; nothing is connected before the first use.

    `memory://?max_bytes=64MiB`: in this process.

    Raises `BadStoreUrl`.
    """
    target = StoreUrl(url)
    opener = _OPENERS.get(target.scheme)
    if opener is None:
        raise BadStoreUrl(f"store URL scheme is {target.scheme!r}; allowed: {', '.join(_OPENERS)}")
    store = opener(target)
    target.finish()
    return store


def _memory(url: StoreUrl) -> Store:
    if url.hosts or url.parts.path:
        raise url.refusal("memory:// takes no host and no path")
    return MemoryStore(max_bytes=url.size("max_bytes", 64 * MIB, least=64 << 10))


_OPENERS: Mapping[str, Callable[[StoreUrl], Store]] = {"memory": _memory}
