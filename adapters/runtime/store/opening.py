"""Choose the store's engine by its URL and by nothing else."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from adapters.runtime.keys import require_keys, secrets_of
from adapters.runtime.sealing import AesGcmSealer, Sealer
from adapters.runtime.store.contract import BadStoreUrl, Store
from adapters.runtime.store.memory import MemoryStore
from adapters.runtime.store.sealed import SealedStore
from adapters.runtime.store.sqlite import SqliteStore
from adapters.runtime.store.url import StoreUrl

MIB = 1 << 20
_KEYS = ("store", "store_keys")
"""What is sealed, and where an operator names keys for it."""


def open_sealed(url: str, keys: Sequence[str]) -> Store:
    """The store that the URL names, sealed with the keys where it is outside this process; see `SealedStore`.

    Without keys, a file has one of its own beside it.
    Raises: BadStoreUrl; BadKeys for keys that are too short, or none for an engine that several machines share.
    """
    engine, sealer = open_store(url), sealer_at(url, keys)
    return engine if sealer is None else SealedStore(engine, sealer)


def sealer_at(url: str, keys: Sequence[str]) -> Sealer | None:
    """What seals the store at a URL; None for one within this process. Raises: BadKeys."""
    return AesGcmSealer(secrets_of(*_KEYS, keys, _file(url)), "store") if is_shared(url) else None


def check_store(url: str, keys: Sequence[str]) -> None:
    """Refuse what `open_sealed` refuses, and make nothing. Raises: as it does."""
    open_store(url)
    if is_shared(url):
        require_keys(*_KEYS, keys, _file(url))


def is_shared(url: str) -> bool:
    """Whether the store is outside this process, where others can reach it."""
    return not url.startswith("memory:")


def _file(url: str) -> Path | None:
    target = StoreUrl(url)
    return Path(unquote(target.parts.path)) if target.scheme == "sqlite" else None


def open_store(url: str) -> Store:
    """Return the store that the URL names; nothing is connected before the first use.

    | URL | engine | options |
    |---|---|---|
    | `memory://` | this process's memory | `max_bytes=16MiB` |
    | `sqlite:///path/file.db` | a file, for the processes of one machine | `max_bytes=256MiB` `timeout=250ms` |
    | `redis://user:password@host:port/db` | Redis or Valkey | `timeout=250ms` `connections=32` `prefix=citygate:` |
    | `rediss://…` | the same with TLS | also `ca=path` `cert=path` `key=path` |
    | `unix:///path/socket` | the same through a socket file | also `db=0` |
    | `redis+cluster://host:port,host:port` | a cluster | as `redis://` |
    | `rediss+cluster://…` | a cluster with TLS | as `rediss://` |

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
    if url.parts.netloc or url.parts.path:
        raise url.refusal("memory:// takes no host and no path")
    return MemoryStore(max_bytes=url.size("max_bytes", 16 * MIB, least=64 << 10))


def _sqlite(url: StoreUrl) -> Store:
    path, timeout = sqlite_place(url)
    return SqliteStore(path, max_bytes=url.size("max_bytes", 256 * MIB, least=MIB), timeout=timeout)


def sqlite_place(url: StoreUrl) -> tuple[Path, float]:
    """The file, and the seconds to wait for its lock. Raises: BadStoreUrl."""
    path = Path(unquote(url.parts.path))
    if url.parts.netloc or not path.name:
        raise url.refusal("sqlite:// takes no host but the path of a file: sqlite:///var/lib/citygate/cache.db")
    if path.is_dir() or not path.parent.is_dir():
        raise url.refusal(f"{path} must be a file in an existing directory")
    return path, url.seconds("timeout", 0.25, least=0.001, most=60)


def _redis(url: StoreUrl) -> Store:
    from adapters.runtime.store import redis_url  # noqa: PLC0415  # half a second that only its users pay

    return redis_url.open_redis(url)


_OPENERS: Mapping[str, Callable[[StoreUrl], Store]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    **dict.fromkeys(("redis", "rediss", "unix", "redis+cluster", "rediss+cluster"), _redis),
}
