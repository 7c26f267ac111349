"""Turn the URL of a Redis or Valkey server or cluster into a store."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from adapters.runtime.store.contract import Store
from adapters.runtime.store.redis import RedisStore
from adapters.runtime.store.redis_wire import Wire
from adapters.runtime.store.url import StoreUrl

_PORT = 6379


def open_redis(url: StoreUrl) -> Store:
    """The store that a URL of one of Redis' schemes names."""
    wire, prefix = open_wire(url)
    return RedisStore(wire, prefix=prefix)


def open_wire(url: StoreUrl) -> tuple[Wire, str]:
    """The way to the server or cluster, and the prefix of all keys."""
    client = _cluster(url) if url.scheme.endswith("+cluster") else _server(url)
    prefix = url.text("prefix")
    wire = Wire(client, shown=url.shown, timeout=_timeout(url), connections=_connections(url))
    return wire, "citygate:" if prefix is None else prefix


def _server(url: StoreUrl) -> Redis:
    """`redis://`, `rediss://` (one host) or `unix://` (the path of a socket)."""
    place: dict[str, Any]
    if url.scheme == "unix":
        if url.hosts or not url.parts.path:
            raise url.refusal("unix:// takes no host but the path of a socket: unix:///run/valkey.sock?db=0")
        place = {"path": unquote(url.parts.path), "db": url.whole("db", 0, least=0, most=9999)}
    else:
        host, port = _only(url, _hosts(url))
        place = {"host": host, "port": port, "db": _database(url)}
    kinds = {"redis": Connection, "rediss": SSLConnection, "unix": UnixDomainSocketConnection}
    pool = ConnectionPool(
        connection_class=kinds[url.scheme],
        retry=_once_more(),
        **place,
        **_common(url),
        **_tls(url),
    )
    return Redis.from_pool(pool)


def _cluster(url: StoreUrl) -> RedisCluster:
    """`redis+cluster://` or `rediss+cluster://`: one or more hosts of the cluster, comma between them."""
    if url.parts.path.strip("/"):
        raise url.refusal(f"the path is {url.parts.path!r}; a cluster has no numbered databases")
    tls, connections = _tls(url), _connections(url)
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in _hosts(url)],
        ssl=bool(tls),
        max_connections=connections,
        retry=_once_more(),
        **_common(url),
        **tls,
    )


def _timeout(url: StoreUrl) -> float:
    return url.seconds("timeout", 0.25, least=0.001, most=60)


def _connections(url: StoreUrl) -> int:
    return url.whole("connections", 32, least=1, most=1000)


def _once_more() -> Retry:
    # Once, and at once: a connection that idled while the server restarted is dead, the next one is not.
    return Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))


def _common(url: StoreUrl) -> Mapping[str, Any]:
    parts = url.parts
    return {
        "username": None if parts.username is None else unquote(parts.username) or None,
        "password": None if parts.password is None else unquote(parts.password),
        "socket_connect_timeout": _timeout(url),
        "socket_timeout": _timeout(url),
        "protocol": 2,
    }


def _tls(url: StoreUrl) -> Mapping[str, Any]:
    if not url.scheme.startswith("rediss"):
        return {}
    ca, cert, key = (url.file(name) for name in ("ca", "cert", "key"))
    if (cert is None) != (key is None):
        raise url.refusal("a client certificate needs both cert=path and key=path")
    files = {"ssl_ca_certs": ca, "ssl_certfile": cert, "ssl_keyfile": key}
    return {name: None if path is None else str(path) for name, path in files.items()}


def _database(url: StoreUrl) -> int:
    text = url.parts.path.strip("/")
    if text and not (text.isascii() and text.isdigit() and len(text) < 5):
        raise url.refusal(f"the path is {url.parts.path!r}; allowed is the number of a database such as /0")
    return int(text or 0)


def _only(url: StoreUrl, hosts: list[tuple[str, int]]) -> tuple[str, int]:
    if len(hosts) > 1:
        raise url.refusal(f"{len(hosts)} hosts; allowed is one, or the scheme {url.scheme}+cluster")
    return hosts[0]


def _hosts(url: StoreUrl) -> list[tuple[str, int]]:
    return [_host(url, text) for text in url.hosts.split(",")]


def _host(url: StoreUrl, text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0:
        raise url.refusal(f"host is {text!r}; allowed is host or host:port, the port from 1 to 65535")
    return host, port or _PORT
