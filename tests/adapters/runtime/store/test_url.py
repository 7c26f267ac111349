"""A store's URL is refused with the part, its value and what is allowed, and never shows a password."""

from pathlib import Path

import pytest

from adapters.runtime.store import BadStoreUrl, open_store
from adapters.runtime.store.memory import MemoryStore
from adapters.runtime.store.redis import RedisStore
from adapters.runtime.store.sqlite import SqliteStore

REFUSED = {
    "": "scheme is ''; allowed: memory, sqlite, redis, rediss, unix",
    "memcached://host": "scheme is 'memcached'; allowed: memory",
    "memory://host": "memory:// takes no host and no path",
    "memory://user@": "memory:// takes no host and no path",
    "memory:///path": "memory:// takes no host and no path",
    "memory://?max_bytes=64": "option max_bytes is '64'; allowed is a size of at least 65536B such as 512KiB",
    "memory://?max_bytes=1KiB": "option max_bytes is '1KiB'; allowed is a size of at least 65536B",
    "memory://?max_bytes=-1MiB": "option max_bytes is '-1MiB'",
    "memory://?max_bytes=٣MiB": "option max_bytes is",
    "memory://?max_size=64MiB": "unknown option 'max_size'; allowed: max_bytes",
    "memory://?max_bytes=64MiB&max_bytes=1GiB": "an option is given twice",
    "memory://?max_bytes": "cannot be parsed",
    "memory://#here": "it has a fragment",
    "sqlite://host/x.db": "sqlite:// takes no host but the path of a file",
    "sqlite://": "sqlite:// takes no host but the path of a file",
    "sqlite:///no/such/folder/x.db": "/no/such/folder/x.db must be a file in an existing directory",
    "sqlite:///tmp": "/tmp must be a file in an existing directory",
    "sqlite:///tmp/x.db?max_bytes=1KiB": "a size of at least 1048576B",
    "redis://": "host is ''; allowed is host or host:port",
    "redis://host:port": "host is 'host:port'; allowed is host or host:port, the port from 1 to 65535",
    "redis://host:0": "host is 'host:0'",
    "redis://host:70000": "host is 'host:70000'",
    "redis://[::1": "cannot be parsed",
    "redis://one,two": "2 hosts; allowed is one, or the scheme redis+cluster",
    "redis://host/one": "the path is '/one'; allowed is the number of a database such as /0",
    "redis://host?timeout=250": "option timeout is '250'; allowed is a duration such as 250ms or 1.5s",
    "redis://host?timeout=0ms": "from 0.001s to 60s",
    "redis://host?timeout=2m": "option timeout is '2m'",
    "redis://host?connections=0": "option connections is '0'; allowed is a whole number from 1 to 1000",
    "redis://host?ca=/x": "unknown option 'ca'; allowed: connections, prefix, timeout",
    "rediss://host?ca=/no/such/file": "option ca is '/no/such/file'; allowed is the path of an existing file",
    f"rediss://host?cert={__file__}": "a client certificate needs both cert=path and key=path",
    "unix://host/x.sock": "unix:// takes no host but the path of a socket",
    "unix://": "unix:// takes no host but the path of a socket",
    "unix:///x.sock?db=x": "option db is 'x'",
    "redis+cluster://one,,two": "host is ''",
    "redis+cluster://one:1,two:2/3": "the path is '/3'; a cluster has no numbered databases",
}


@pytest.mark.parametrize("url", REFUSED)
def test_a_wrong_url_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadStoreUrl) as refused:
        open_store(url)
    assert REFUSED[url] in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://citygate:hunter2@host:port",
        "redis://citygate:hunter2@host?unknown=1",
        "redis://citygate:hun/ter2@host",
        "redis://citygate:hun?ter2@host",
        "redis://citygate:hun#ter2@host",
        "redis://citygate:hunter2@[::1",
        "redis+cluster://citygate:hunter2@one,two:x",
    ],
)
def test_no_refusal_shows_a_password(url: str) -> None:
    with pytest.raises(BadStoreUrl) as refused:
        open_store(url)
    assert "ter2" not in str(refused.value)
    assert "hun" not in str(refused.value)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("memory://", MemoryStore),
        ("memory://?max_bytes=2GiB", MemoryStore),
        ("sqlite://{folder}/a%20file.db?max_bytes=1MiB&timeout=1.5s", SqliteStore),
        ("redis://host", RedisStore),
        ("redis://user:p%40ss@[::1]:6380/15?timeout=250ms&connections=4&prefix=", RedisStore),
        ("rediss://host:1", RedisStore),
        ("unix:///run/valkey.sock?db=3", RedisStore),
        ("redis+cluster://one:1,two,[::1]:3", RedisStore),
        ("rediss+cluster://user:pass@one:1", RedisStore),
    ],
)
async def test_a_good_url_opens_its_engine_without_connecting(url: str, kind: type, tmp_path: Path) -> None:
    store = open_store(url.format(folder=tmp_path))
    assert type(store) is kind
    await store.aclose()
    assert files(tmp_path) == []
