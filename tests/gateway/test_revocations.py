"""A revoked token is not believed: by its id, by its person and time of issue, in every process on the same store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.runtime.sharing import digest
from adapters.runtime.store import Store, StoreUnavailable, open_store
from gateway import revocations
from gateway.identity import Identities
from gateway.revocations import COHERENT_WITHIN, Kind, NotKept, Revocations, TooManyRevocations
from gateway.stores import revocations_in
from tests.gateway.test_identity import TRUST, Clock, Issuer, clock, is_refused, issuer, who
from tests.servers.valkey import valkey_server, valkey_url

__all__ = ["clock", "issuer", "valkey_server", "valkey_url"]
Open = Callable[[], Store]


@pytest.fixture(params=["sqlite", pytest.param("valkey", marks=pytest.mark.redis)])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens the same real store as often as there are processes."""
    stores: list[Store] = []
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        url = f"{request.getfixturevalue('valkey_url')}?prefix={tmp_path.name}:"

    def open_it() -> Store:
        stores.append(open_store(url))
        return stores[-1]

    yield open_it
    for store in stores:
        await store.aclose()


def identities_on(store: Store, issuer: Issuer) -> Identities:
    return Identities(TRUST, issuer.fetch, revocations_in(store))


async def revoke(store: Store, kind: Kind, value: str) -> None:
    await revocations_in(store).revoke(kind, value, lifetime=3600)


async def test_a_revocation_is_seen_by_every_process_within_a_second(opened: Open, issuer: Issuer) -> None:
    """Real time, two processes' worth of state: one is busy, one is idle."""
    busy, idle = (identities_on(opened(), issuer) for _ in range(2))
    stolen, other = (f"Bearer {issuer.token(jti=jti)}" for jti in ("stolen", "other"))
    for one in (busy, idle):
        assert await who(one, stolen)
        assert await who(one, other)
    await revoke(opened(), "jti", "stolen")
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        await who(busy, other)
        await asyncio.sleep(0.02)
    for one in (busy, idle):
        await is_refused(one, stolen)
        assert one.still_valid(stolen.encode()) is None
        assert await who(one, other)


async def test_everything_that_a_person_has_now_is_revoked_and_nothing_later(opened: Open, issuer: Issuer) -> None:
    identities = identities_on(opened(), issuer)
    now = int(time.time())
    before = [f"Bearer {issuer.token(iat=now - age)}" for age in (0, 1, 500)]
    undated = f"Bearer {issuer.token(iat=None)}"
    acting = f"Bearer {issuer.token(sub='shop', act={'sub': 'ann'})}"
    others = f"Bearer {issuer.token(sub='bob')}"
    for header in (*before, undated, acting, others):
        assert await who(identities, header)
    await revoke(opened(), "sub", "ann")
    await asyncio.sleep(COHERENT_WITHIN)
    for header in (*before, undated, acting):
        await is_refused(identities, header)
    assert await who(identities, others)
    assert await who(identities, f"Bearer {issuer.token(iat=now + 3)}"), "who logs in again is in"


async def test_a_process_that_starts_later_knows_it(opened: Open, issuer: Issuer) -> None:
    await revoke(opened(), "jti", "stolen")
    await is_refused(identities_on(opened(), issuer), f"Bearer {issuer.token(jti='stolen')}")


async def test_two_who_revoke_at_once_both_succeed(opened: Open, issuer: Issuer) -> None:
    names = [f"token-{number}" for number in range(4)]
    await asyncio.gather(*(revoke(opened(), "jti", name) for name in names))
    identities = identities_on(opened(), issuer)
    for name in names:
        await is_refused(identities, f"Bearer {issuer.token(jti=name)}")


class Flaky:
    """A shelf that may be away or forget."""

    def __init__(self) -> None:
        self.value: bytes | None = None
        self.away = False
        self.reads = 0

    def forget(self) -> None:
        self.away, self.value = False, None

    async def get(self) -> bytes | None:
        self.reads += 1
        if self.away:
            raise StoreUnavailable
        return self.value

    async def put(self, value: bytes, ttl: float) -> None:
        if self.away:
            raise StoreUnavailable
        self.value = value


def listed(shelf: Flaky) -> Revocations:
    return Revocations(shelf, digest)


async def test_a_store_that_is_away_or_forgets_takes_nothing_back(issuer: Issuer, clock: Clock) -> None:
    shelf = Flaky()
    identities = Identities(TRUST, issuer.fetch, listed(shelf))
    stolen = f"Bearer {issuer.token(jti='stolen')}"
    await who(identities, stolen)
    await listed(shelf).revoke("jti", "stolen", lifetime=3600)
    clock.passed += 1
    await is_refused(identities, stolen)
    shelf.away = True
    clock.passed += 5
    await is_refused(identities, stolen)
    shelf.forget()
    clock.passed += 5
    await is_refused(identities, stolen)
    fresh = Identities(TRUST, issuer.fetch, listed(shelf))
    await is_refused(fresh, stolen)


async def test_what_is_no_list_changes_nothing(issuer: Issuer, clock: Clock) -> None:
    shelf = Flaky()
    identities = Identities(TRUST, issuer.fetch, listed(shelf))
    await listed(shelf).revoke("jti", "stolen", lifetime=3600)
    await is_refused(identities, f"Bearer {issuer.token(jti='stolen')}")
    shelf.value = b"junk"
    clock.passed += 1
    await is_refused(identities, f"Bearer {issuer.token(jti='stolen')}")
    assert await who(identities, f"Bearer {issuer.token(jti='good')}")


async def test_the_list_is_read_twice_a_second_however_many_ask(issuer: Issuer, clock: Clock) -> None:
    shelf = Flaky()
    identities = Identities(TRUST, issuer.fetch, listed(shelf))
    headers = [f"Bearer {issuer.token(sub=f'p{number}')}" for number in range(20)]
    await asyncio.gather(*(who(identities, header) for header in headers))
    assert shelf.reads == 1
    for _ in range(10):
        clock.passed += revocations.READ_AGAIN_AFTER / 2
        await asyncio.gather(*(who(identities, header) for header in headers))
        await asyncio.sleep(0)
    assert shelf.reads <= 1 + 5 + 1


async def test_a_revocation_ends_when_all_that_it_covers_have(issuer: Issuer, clock: Clock) -> None:
    shelf = Flaky()
    first = listed(shelf)
    await first.revoke("jti", "stolen", lifetime=100)
    clock.passed += 101
    await first.revoke("jti", "another", lifetime=100)
    assert not first.covers(revocations.TokenNames("stolen", ("ann",), 0))
    assert first.covers(revocations.TokenNames("another", ("ann",), 0))


async def test_the_list_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocations, "MOST_REVOCATIONS", 3)
    monkeypatch.setattr(revocations, "SETTLED_AFTER", 0)
    listing = listed(Flaky())
    for number in range(3):
        await listing.revoke("jti", str(number), lifetime=60)
    with pytest.raises(TooManyRevocations, match="at most 3"):
        await listing.revoke("jti", "one too many", lifetime=60)


async def test_what_is_not_kept_is_said_and_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(Flaky):
        async def put(self, value: bytes, ttl: float) -> None:
            return

    monkeypatch.setattr(revocations, "ATTEMPTS", 2)
    with pytest.raises(NotKept):
        await listed(Forgetful()).revoke("jti", "stolen", lifetime=60)


async def test_nothing_of_a_person_is_in_the_store() -> None:
    shelf = Flaky()
    await listed(shelf).revoke("sub", "420106199003071234", lifetime=60)
    await listed(shelf).revoke("jti", "the-token-id", lifetime=60)
    assert shelf.value is not None
    assert b"4201061990" not in shelf.value
    assert b"the-token" not in shelf.value
