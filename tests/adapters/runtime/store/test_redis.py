"""What only the store in Redis must withstand: a server that dies, hangs, restarts, evicts or is full."""

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.runtime.store import Entry, Store, StoreUnavailable, open_store
from adapters.runtime.store.redis_wire import REST
from tests.servers.valkey import ValkeyCluster, ValkeyServer

pytestmark = pytest.mark.redis

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="valkey-") as name:
        yield Path(name)


@pytest.fixture
def server(folder: Path, request: pytest.FixtureRequest) -> Iterator[ValkeyServer]:
    """A server that the test may hurt; `request.param` adds options."""
    started = ValkeyServer(folder, *getattr(request, "param", ()))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = open_store(url)
    try:
        yield store
    finally:
        await store.aclose()


async def put(store: Store, *entries: Entry) -> None:
    tags = [tag for entry in entries for tag in entry.tags]
    await store.put_many(entries, await store.generations(tags))


async def seconds_to_fail(store: Store) -> float:
    begun = time.perf_counter()
    with pytest.raises(StoreUnavailable):
        await store.get_many(["a"])
    return time.perf_counter() - begun


async def recover(store: Store, *keys: str) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        try:
            await store.get_many(["a", *keys])
        except StoreUnavailable:
            continue
        return
    pytest.fail("the store did not recover within 10 s")


async def test_a_killed_server_is_unavailable_at_once_and_used_again_when_it_is_back(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        await put(store, Entry("a", b"1", 60, ("x",)))
        server.kill()
        assert await seconds_to_fail(store) < 0.5
        assert await seconds_to_fail(store) < 0.05
        server.start()
        await recover(store)
        assert await store.get_many(["a"]) == [None]
        await put(store, Entry("a", b"2", 60, ("x",)))
        assert await store.get_many(["a"]) == [b"2"]


async def test_connections_that_idled_over_a_restart_cost_no_answer(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        await asyncio.gather(*(store.ping() for _ in range(10)))
        await put(store, Entry("a", b"1", 60))
        server.restart()
        assert await asyncio.gather(*(store.get_many(["a"]) for _ in range(10))) == [[None]] * 10


async def test_a_hanging_server_costs_one_timeout_and_mixes_up_no_replies(server: ValkeyServer) -> None:
    async with opened(f"{server.url}?timeout=100ms") as store:
        await put(store, Entry("a", b"1", 60), Entry("b", b"2", 60))
        server.pause()
        assert 0.09 < await seconds_to_fail(store) < 0.5
        assert await seconds_to_fail(store) < 0.05
        server.resume()
        await recover(store)
        replies = await asyncio.gather(*(store.get_many([key]) for key in "bbaabbab"))
        assert [reply[0] for reply in replies] == [b"2", b"2", b"1", b"1", b"2", b"2", b"1", b"2"]


async def test_callers_in_flight_are_all_released_when_the_server_hangs(server: ValkeyServer) -> None:
    async with opened(f"{server.url}?timeout=100ms&connections=2") as store:
        await put(store, Entry("a", b"1", 60))
        server.pause()
        begun = time.perf_counter()
        results = await asyncio.gather(*(store.get_many(["a"]) for _ in range(50)), return_exceptions=True)
        assert time.perf_counter() - begun < 1
        assert all(isinstance(result, StoreUnavailable) for result in results)
        server.resume()
        await recover(store)
        assert await store.get_many(["a"]) == [b"1"]


@pytest.mark.parametrize("server", [DURABLE], indirect=True)
async def test_a_drop_that_found_the_server_dead_is_made_good_before_the_next_read(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        await put(store, Entry("a", b"old", 60, ("x",)), Entry("b", b"1", 60, ("y",)))
        server.kill()
        with pytest.raises(StoreUnavailable):
            await store.drop_tags(["x"])
        server.start()
        await asyncio.sleep(REST)
        assert await store.get_many(["a", "b"]) == [None, b"1"]


@pytest.mark.parametrize("server", [DURABLE], indirect=True)
async def test_a_drop_survives_a_power_cut(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        snapshot = await store.generations(["x"])
        await put(store, Entry("a", b"old", 60, ("x",)))
        await store.drop_tags(["x"])
        server.restart()
        await store.put_many([Entry("b", b"old", 60, ("x",))], snapshot)
        assert await store.get_many(["a", "b"]) == [None, None]


async def test_a_snapshot_from_before_a_restart_without_persistence_is_void(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        snapshot = await store.generations(["x"])
        server.restart()
        await store.drop_tags(["x"])
        await store.generations(["x"])
        await store.put_many([Entry("a", b"old", 60, ("x",))], snapshot)
        assert await store.get_many(["a"]) == [None]


async def test_an_evicted_generation_or_index_never_revives_what_was_dropped(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        await put(store, Entry("a", b"1", 60, ("x",)), Entry("b", b"2", 60, ("y",)))
        with server.client() as raw:
            raw.delete(*raw.keys("*t:*:g"))
            assert await store.get_many(["a", "b"]) == [None, None]
            await put(store, Entry("a", b"1", 60, ("x",)))
            raw.delete(*raw.keys("*t:*:i"))
        assert await store.get_many(["a"]) == [b"1"]
        await store.drop_tags(["x"])
        assert await store.get_many(["a"]) == [None]


async def test_a_dropped_entry_is_erased_and_no_name_of_a_tag_is_kept(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        await put(store, *(Entry(f"key-{n}", b"1", 60, ("person-7", f"tag-{n}")) for n in range(30)))
        with server.client() as raw:
            assert not [key for key in raw.keys("*") if b"person" in key or b"tag-" in key]
            assert await store.drop_tags(["person-7"]) == 30
            assert raw.keys("citygate:e:*") == []
            assert await store.drop_tags([f"tag-{n}" for n in range(30)]) == 0
            assert raw.keys("*") == []


async def test_everything_ends_by_itself_and_an_index_lists_only_what_lives(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        for number in range(200):
            await put(store, Entry(f"key-{number}", b"1", 0.01, ("city",)))
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
        await put(store, Entry("last", b"1", 900, ("city",)))
        await store.generations(["asked for and never put"])
        with server.client() as raw:
            assert [raw.zcard(key) for key in raw.keys("*:i")] == [1]
            lives = {key: raw.pttl(key) for key in raw.keys("*")}
        assert len(lives) == 4
        assert all(0 < life <= 901_000 for life in lives.values()), lives


@pytest.mark.parametrize("server", [("--maxmemory-policy", "noeviction")], indirect=True)
async def test_a_full_server_refuses_puts_and_still_serves_and_drops(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        await put(store, Entry("a", b"1", 60, ("x",)), Entry("b", b"2", 60))
        with server.client() as raw:
            raw.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailable, match="OutOfMemoryError"):
            await store.put_many([Entry("c", b"3", 60)])
        assert await store.get_many(["a", "b", "c"]) == [b"1", b"2", None]
        assert await store.drop_tags(["x"]) == 1


@pytest.mark.parametrize("server", [("--maxmemory-policy", "noeviction")], indirect=True)
async def test_an_error_shows_neither_key_nor_value_nor_tag(server: ValkeyServer) -> None:
    async with opened(server.url) as store:
        entry = Entry("secret-key", b"secret-value", 60, ("secret-tag",))
        plain = [Entry("secret-key", b"secret-value", 60), Entry("secret-other", b"secret-value", 60)]
        snapshot = await store.generations(entry.tags)
        with server.client() as raw:
            raw.config_set("maxmemory", "1")
        for entries in ([entry], plain, plain[:1]):
            with pytest.raises(StoreUnavailable) as raised:
                await store.put_many(entries, snapshot)
            assert "secret" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("junk", [b"", b"\x00", b"\x02short", b"\xffplain text of somebody else", b"plain"])
async def test_what_no_store_has_written_is_a_miss(server: ValkeyServer, junk: bytes) -> None:
    async with opened(f"{server.url}?prefix=p:") as store:
        with server.client() as raw:
            raw.set("p:e:a", junk)
        assert await store.get_many(["a"]) == [b"" if junk == b"\x00" else None]


async def test_a_password_is_used_and_a_wrong_one_is_not_shown(server: ValkeyServer) -> None:
    with server.client() as raw:
        raw.config_set("requirepass", "p@ss/word")
    place = f"127.0.0.1:{server.port}"
    async with opened(f"redis://:p%40ss%2Fword@{place}") as store:
        await store.ping()
    async with opened(f"redis://:guess@{place}") as store:
        with pytest.raises(StoreUnavailable, match="AuthenticationError") as raised:
            await store.ping()
        assert "guess" not in "".join(traceback.format_exception(raised.value))


async def test_tls_refuses_a_server_or_a_client_that_nobody_vouches_for(relayed_tls_url: str) -> None:
    whole, _, options = relayed_tls_url.partition("?")
    ca = next(option for option in options.split("&") if option.startswith("ca="))
    async with opened(f"{relayed_tls_url}&timeout=5s") as store:
        await store.ping()
    async with opened(f"{whole}?timeout=5s") as store:
        with pytest.raises(StoreUnavailable, match="SSLCertVerificationError"):
            await store.ping()
    async with opened(f"{whole}?{ca}&timeout=5s") as store:
        with pytest.raises(StoreUnavailable):
            await store.ping()
    async with opened(f"{relayed_tls_url.replace('127.0.0.1', 'localhost')}&timeout=5s") as store:
        with pytest.raises(StoreUnavailable, match="SSLCertVerificationError"):
            await store.ping()


async def test_a_cluster_that_lost_a_master_is_unavailable_and_recovers_with_it(folder: Path) -> None:
    cluster = ValkeyCluster(folder)
    try:
        cluster.start()
        async with opened(f"{cluster.url}?timeout=1s") as store:
            keys = [f"key-{number}" for number in range(60)]
            await put(store, *(Entry(key, b"1", 60, (f"tag-{key}",)) for key in keys))
            cluster.servers[1].kill()
            begun = time.perf_counter()
            with pytest.raises(StoreUnavailable):
                await store.get_many(keys)
            assert time.perf_counter() - begun < 3
            cluster.servers[1].start()
            await recover(store, *keys)
            await put(store, *(Entry(key, b"2", 60, (f"tag-{key}",)) for key in keys))
            assert set(await store.get_many(keys)) == {b"2"}
    finally:
        cluster.stop()


async def test_more_callers_than_connections_wait_for_their_turn(valkey_url: str, valkey_cluster_url: str) -> None:
    for url in (valkey_url, valkey_cluster_url):
        async with opened(f"{url}?connections=2&timeout=5s&prefix=turns:") as store:
            await store.put_many([Entry("a", b"1", 60)])
            replies = await asyncio.gather(*(store.get_many(["a"]) for _ in range(200)))
            assert all(reply == [b"1"] for reply in replies)
