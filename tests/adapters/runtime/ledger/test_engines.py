"""What an engine promises, asked of both: SQLite in a file and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import psycopg
import pytest

from adapters.runtime.keys import BadKeys
from adapters.runtime.ledger.contract import ENDED, Engine, Entry, LedgerUnavailable, State
from adapters.runtime.ledger.opening import check_ledger, open_engine, open_sealer
from adapters.runtime.ledger.sql import TABLE, TABLES, SqlEngine
from adapters.runtime.sql import BadUrl
from adapters.runtime.sql.postgres import PostgresConnections
from adapters.runtime.sql.sqlite import SqliteConnections
from tests.adapters.runtime.ledger.entries import NOW, entry, waiting
from tests.adapters.runtime.ledger.inline import Clock
from tests.servers.postgres import postgres_schema, postgres_url

__all__ = ["postgres_schema", "postgres_url"]
Opens = Callable[[], Engine]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite://{tmp_path / 'ledger.db'}"
    return str(request.getfixturevalue("postgres_schema"))


@pytest.fixture
async def opens(url: str, clock: Clock) -> AsyncIterator[Opens]:
    """Opens the ledger as one more process would."""
    async with AsyncExitStack() as stack:

        def open_one() -> Engine:
            path = Path(url.removeprefix("sqlite://"))
            of_one = SqliteConnections(path, TABLES, clock=clock) if url.startswith("sqlite") else None
            engine = SqlEngine(of_one or PostgresConnections(url, TABLES, connections=2, clock=clock))
            stack.push_async_callback(engine.aclose)
            return engine

        yield open_one


async def test_what_was_added_is_there_for_every_process(opens: Opens) -> None:
    assert await opens().add(entry(outcome=b"", trouble="ARC_X"), ["key of CG-1"]) is None
    assert await opens().get("CG-1") == entry(outcome=b"", trouble="ARC_X")
    assert await opens().get("CG-2") is None


async def test_a_key_is_taken_once(opens: Opens) -> None:
    first, second = opens(), opens()
    assert await first.add(entry(), ["key of CG-1"]) is None
    again = entry("CG-2", key="key of CG-1", fingerprint="other")
    assert await second.add(again, ["key of CG-1"]) == entry()
    assert await second.add(entry("CG-3", key="newer key"), ["newer key", "key of CG-1"]) == entry()
    assert await second.get("CG-2") is None
    assert await second.get("CG-3") is None


async def test_of_many_with_one_key_one_is_first(opens: Opens) -> None:
    engines = [opens(), opens()]
    added = await asyncio.gather(
        *(engines[n % 2].add(entry(f"CG-{n}", key="k"), ["k"]) for n in range(12)), return_exceptions=False
    )
    firsts = [n for n, other in enumerate(added) if other is None]
    assert len(firsts) == 1
    assert {other.reference for other in added if other} == {f"CG-{firsts[0]}"}


async def test_without_a_key_there_is_nothing_to_share(opens: Opens) -> None:
    engine = opens()
    for reference in ("CG-1", "CG-2"):
        assert await engine.add(entry(reference, key=None), []) is None
    assert len(await engine.listed([State.SENDING], 10)) == 2


async def test_adding_the_same_entry_again_is_adding_it_once(opens: Opens) -> None:
    engine = opens()
    for _ in range(2):
        assert await engine.add(entry(), ["key of CG-1"]) is None


async def test_a_lease_keeps_others_away_until_it_ends(opens: Opens, clock: Clock) -> None:
    one, two = opens(), opens()
    await one.add(entry(), [])
    assert await two.take("CG-1", "two", NOW + 20) is None
    assert await two.claim("two", NOW + 20, 10) == ()
    clock.time = NOW + 10
    assert await two.claim("two", NOW + 20, 10) == [entry()]
    assert await one.take("CG-1", "one", NOW + 30) is None
    held = await one.get("CG-1")
    assert held is not None
    assert (held.state, held.holder, held.due, held.updated) == (State.SENDING, "two", NOW + 20, NOW)


async def test_who_has_lost_the_lease_writes_nothing(opens: Opens, clock: Clock) -> None:
    one, two = opens(), opens()
    await one.add(entry(), [])
    clock.time = NOW + 10
    assert len(await two.claim("two", NOW + 20, 10)) == 1
    done = entry(state=State.DELIVERED, due=None, holder=None, order=None, outcome=b"o")
    assert not await one.settle(done, "one")
    assert (await one.get("CG-1")) != done
    assert await two.settle(done, "two")
    assert await one.get("CG-1") == done
    assert not await two.settle(entry(state=State.READY, due=NOW, holder=None), "two"), "what has ended stays so"


@pytest.mark.parametrize("state", list(State))
async def test_only_what_may_go_on_is_taken(opens: Opens, state: State) -> None:
    engine = opens()
    await engine.add(entry(state=state, due=None, holder=None), [])
    taken = await engine.take("CG-1", "two", NOW + 20)
    assert (taken is None) == (state in ENDED or state is State.DESK)
    if taken is not None:
        assert taken.state is state, "as it was before"
        now = await engine.get("CG-1")
        assert now is not None
        assert (now.state, now.holder, now.due) == (State.SENDING, "two", NOW + 20)


async def test_what_is_due_is_claimed_once_and_the_longest_due_first(opens: Opens, clock: Clock) -> None:
    engines = [opens(), opens()]
    for number in range(20):
        await engines[0].add(waiting(f"CG-{number:02}", NOW + 20 - number), [])
    clock.time = NOW + 20
    assert [each.reference for each in await engines[0].claim("first", NOW + 99, 2)] == ["CG-19", "CG-18"]
    claims = await asyncio.gather(*(engines[n % 2].claim(f"p{n}", NOW + 99, 5) for n in range(8)))
    found = [each.reference for claim in claims for each in claim]
    assert len(found) == len(set(found)), "an order was claimed twice"
    rest = await engines[0].claim("last", NOW + 99, 99)
    assert len(found) + len(rest) == 18


async def test_a_persons_entries_newest_first(opens: Opens) -> None:
    engine = opens()
    for number in range(4):
        await engine.add(entry(f"CG-{number}", created=NOW + number, owner="ann" if number else "bea"), [])
    assert [each.reference for each in await engine.of_owner(["ann", "ann of old"], 2)] == ["CG-3", "CG-2"]
    assert await engine.of_owner(["cid"], 9) == []


async def test_a_persons_entries_that_were_given_on_a_ground(opens: Opens) -> None:
    engine = opens()
    for number, basis in enumerate((None, "officer", "parent", "officer")):
        await engine.add(entry(f"CG-{number}", created=NOW + number, owner="ann", basis=basis, actor=b"sealed"), [])
    found = await engine.of_owner(["ann"], 9, basis="officer")
    assert [(each.reference, each.basis, each.actor) for each in found] == [
        ("CG-3", "officer", b"sealed"),
        ("CG-1", "officer", b"sealed"),
    ]
    assert [each.reference for each in await engine.of_owner(["ann"], 1, basis="officer")] == ["CG-3"]
    assert len(await engine.of_owner(["ann"], 9)) == 4


async def test_a_decision_is_made_on_what_was_seen(opens: Opens) -> None:
    engine = opens()
    await engine.add(entry(state=State.DESK, due=None, holder=None), [])
    again = entry(state=State.UNKNOWN, due=NOW, holder=None)
    assert await engine.decide(again, State.DESK)
    assert not await engine.decide(entry(state=State.WITHDRAWN, due=None, holder=None), State.DESK)
    assert await engine.get("CG-1") == again


async def test_only_what_has_ended_is_purged(opens: Opens) -> None:
    engine = opens()
    for state in State:
        await engine.add(entry(state.value, state=state, key=None, updated=NOW), [])
    assert await engine.purge(NOW) == 0
    assert await engine.purge(NOW + 1) == 4
    left = {each.state for each in await engine.listed(list(State), 99)}
    assert left == {State.READY, State.SENDING, State.UNKNOWN, State.DESK}


async def test_a_caller_who_goes_away_leaves_nothing_half_done(opens: Opens) -> None:
    engine = opens()
    await engine.get("CG-1")
    for number in range(20):
        adding = asyncio.create_task(engine.add(entry(f"CG-{number}"), []))
        await asyncio.sleep(0)
        adding.cancel()
    for _ in range(100):
        if len(found := await engine.listed([State.SENDING], 99)) == 20:
            break
        await asyncio.sleep(0.02)
    assert len(found) == 20


async def test_a_closed_engine_says_so(opens: Opens) -> None:
    engine = opens()
    await engine.add(entry(), [])
    await engine.aclose()
    await engine.aclose()
    with pytest.raises(LedgerUnavailable):
        await engine.get("CG-1")


DIES = """
import asyncio, os, signal, sys
from adapters.runtime.ledger.opening import open_engine
from tests.adapters.runtime.ledger.entries import entry
async def main():
    engine = open_engine(sys.argv[1])
    for number in range(1000):
        await engine.add(entry(f"CG-{number}"), [])
        print(number, flush=True)
asyncio.run(main())
"""


async def test_what_a_killed_process_was_told_is_kept_is_kept(url: str, opens: Opens) -> None:
    process = subprocess.Popen(  # noqa: ASYNC220  # nothing else runs here
        [sys.executable, "-c", DIES, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(17)][-1]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    kept = {each.reference for each in await opens().listed([State.SENDING], 2000)}
    assert {f"CG-{number}" for number in range(told + 1)} <= kept


async def test_a_ledger_of_another_version_is_refused(url: str, opens: Opens) -> None:
    engine = opens()
    await engine.get("CG-1")
    await engine._connections.run(  # type: ignore[attr-defined]
        lambda database: database.change("UPDATE citygate_ledger SET version = 2"), writes=True
    )
    with pytest.raises(LedgerUnavailable, match="in version 2; this gateway has 1"):
        await opens().get("CG-1")


# One engine's own.


async def test_sqlite_syncs_every_commit(tmp_path: Path) -> None:
    connections = SqliteConnections(tmp_path / "a" / "ledger.db", TABLES)
    settings = await connections.run(
        lambda database: [database.rows(f"PRAGMA {name}")[0][0] for name in ("synchronous", "journal_mode")],
        writes=False,
    )
    assert settings == [2, "wal"], "2 is FULL"
    assert (tmp_path / "a" / "ledger.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    await connections.aclose()


async def test_postgresql_comes_back(postgres_schema: str) -> None:
    engine = open_engine(postgres_schema)
    await engine.add(entry(), [])
    with psycopg.connect(postgres_schema, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    for _ in range(5):  # one failure per connection at most
        try:
            assert await engine.get("CG-1") == entry()
            break
        except LedgerUnavailable as exc:
            assert "sealed" not in str(exc)
    else:
        pytest.fail("the connection is not opened anew")
    await engine.aclose()


async def test_postgresql_away_is_no_ledger(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://nobody:secret@/none?host={tmp_path}")
    with pytest.raises(LedgerUnavailable) as caught:
        await engine.get("CG-1")
    assert "secret" not in str(caught.value)
    await engine.aclose()


async def test_the_clock_is_the_servers(postgres_schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.runtime.sql.postgres.time.time", lambda: 1000.0)
    connections = PostgresConnections(postgres_schema, TABLES)
    (row,) = await connections.run(
        lambda database: database.rows("SELECT extract(epoch FROM clock_timestamp())"), writes=False
    )
    assert abs(connections.now() - float(row[0])) < 5
    await connections.aclose()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://x", "'mysql'"),
        ("memory://", "'memory'"),
        ("sqlite://host/x.db", "no host"),
        ("sqlite:///x.db?a=1", "no options"),
        ("sqlite:///", "the path of a file"),
        ("sqlite:///tmp", "is a folder"),
    ],
)
def test_a_url_that_does_not_fit_is_refused(url: str, says: str) -> None:
    with pytest.raises(BadUrl, match=says):
        open_engine(url)


def test_the_key_of_a_file(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'new' / 'ledger.db'}"
    first, second = open_sealer(url, ()), open_sealer(url, ())
    assert second.open(first.seal(b"x", "place"), "place") == b"x"
    key = tmp_path / "new" / "ledger.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in key.parent.iterdir()] == [key.name]
    (tmp_path / "new" / "ledger.db").touch()
    key.unlink()
    with pytest.raises(BadKeys, match="is gone"):
        open_sealer(url, ())


@pytest.mark.parametrize("keys", [(), ("short",), ("", "long enough for a key")])
def test_keys_that_do_not_fit_are_refused(keys: tuple[str, ...]) -> None:
    for refuse in (open_sealer, check_ledger):
        with pytest.raises(BadKeys) as caught:
            refuse("postgresql://db", keys)
        assert "short" not in str(caught.value).replace("shorter", "")


def test_a_check_makes_nothing(tmp_path: Path) -> None:
    check_ledger(f"sqlite://{tmp_path / 'new' / 'ledger.db'}", ())
    check_ledger("postgresql://nobody@none.invalid/db", ["a key of sixteen characters"])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadUrl, match="mysql"):
        check_ledger("mysql://x", ())


def test_a_key_file_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db.key").write_text("short")
    with pytest.raises(BadKeys, match="16 bytes"):
        open_sealer(f"sqlite://{tmp_path / 'ledger.db'}", ())


def test_entries_have_the_columns_of_the_table() -> None:
    assert TABLE == "citygate_filing"
    assert [field.name for field in msgspec.structs.fields(Entry)][6] == "state", "the row's seventh is decoded"
