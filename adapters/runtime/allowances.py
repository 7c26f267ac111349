"""What each person, client or address may still ask for: units that this process has taken from the shared rates.

Units are taken from the shared buckets in leases and spent here, so that most requests ask nobody. A lease is what is
needed; for who comes back within a second it is twice the last one, up to a 16th of the bucket. Hence the exactness:
nobody gets more than a bucket and what came back into it meanwhile, and nobody is refused while the bucket has what is
asked for; but each process may hold back a lease, of a 16th at most, until the same one spends it there.

While the shared rates are away, each process counts for itself.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from adapters.runtime.sealing import Sealer
from adapters.runtime.sharing import digest
from adapters.runtime.store import StoreUnavailable
from adapters.runtime.store.rates import Bucket, Rates, Taken, open_rates
from adapters.runtime.store.rates.memory import MemoryRates

MOST_REMEMBERED = 5_000
SOON = 1.0
"""Seconds after which a lease is no longer doubled."""
LARGEST_LEASE = 16
"""The largest lease is this part of the bucket."""
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Policy:
    """`units` at once, all of which come back within `per` seconds."""

    name: str
    units: int
    per: float
    interval: int = field(init=False)
    """Microseconds until a unit comes back."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval", max(1, round(self.per * 1_000_000 / self.units)))


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left under a policy, and in how many seconds all of it is there again."""

    name: str
    quota: int
    per: float
    units: int
    full_in: float


class Allowance:
    """Units of one person, client or address. `left` may be spent at once, by whoever asks for them."""

    __slots__ = (
        "_asked_at",
        "_buckets",
        "_clock",
        "_lease",
        "_policies",
        "_rates",
        "_room",
        "_turn",
        "_wait_until",
        "left",
    )

    def __init__(self, rates: Rates, policies: Sequence[Policy], names: Iterable[str], clock: Clock) -> None:
        self._rates, self._policies, self._clock = rates, policies, clock
        self._buckets = [Bucket(name, one.units, one.interval) for one, name in zip(policies, names, strict=True)]
        self.left = 0.0 if self._buckets else float("inf")
        self._lease = 0
        self._asked_at = self._wait_until = 0.0
        self._room = tuple(one.units for one in policies)
        self._turn = asyncio.Lock()

    async def take(self, units: int) -> float:
        """Take units: 0, or the seconds after which they would be there."""
        if self.left >= units:
            self.left -= units
            return 0.0
        async with self._turn:
            wait = 0.0 if self.left >= units else await self._renew(ceil(units - self.left))
            if not wait:
                self.left -= units
            return wait

    def remaining(self) -> list[Remaining]:
        """What is left by each policy, as far as this process knows."""
        since = self._clock() - self._asked_at
        found: list[Remaining] = []
        for policy, room in zip(self._policies, self._room, strict=True):
            units = max(0, min(policy.units, int(self.left + room + since * 1_000_000 / policy.interval)))
            full_in = (policy.units - units) * policy.interval / 1_000_000
            found.append(Remaining(policy.name, policy.units, policy.per, units, full_in))
        return found

    async def _renew(self, needed: int) -> float:
        now = self._clock()
        if now < self._wait_until:
            return self._wait_until - now
        largest = min(one.units for one in self._buckets) // LARGEST_LEASE
        self._lease = min(2 * self._lease, largest) if now - self._asked_at < SOON else 0
        self._lease = max(self._lease, needed)
        taken = await self._rates.take(self._buckets, needed, self._lease)
        self._asked_at, self._room = self._clock(), taken.left
        if taken.given:
            self.left += taken.given
            return 0.0
        if min(taken.left) == 0:
            self._wait_until = self._asked_at + min(taken.wait, self._next())
        return taken.wait

    def _next(self) -> float:
        """Seconds after which an empty bucket has something again, at the latest."""
        return max(one.interval for one in self._buckets) / 1_000_000


class Allowances:
    """The allowances that this process knows, under policies of `(units, seconds)` by name.

    `name_of` names a bucket after its policy and who has it, so that nothing can be read from it.
    """

    def __init__(
        self,
        rates: Rates,
        policies: Mapping[str, tuple[int, float]],
        name_of: Callable[[str, str], str],
        *,
        clock: Clock = time.monotonic,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._rates, self._name_of, self._clock, self._most = _Rates(rates), name_of, clock, most
        self._policies = {name: Policy(name, units, per) for name, (units, per) in policies.items()}
        self._known: OrderedDict[tuple[tuple[str, str], ...], Allowance] = OrderedDict()

    def of(self, *holders: tuple[str, str]) -> Allowance:
        """The allowance of who is all of these, by the policy's name: a unit is then one of each.

        Where there is no policy of that name, nothing is counted.
        """
        known = self._known.get(holders)
        if known is None:
            counted = [(name, who) for name, who in holders if name in self._policies]
            names = [self._name_of(name, who) for name, who in counted]
            policies = [self._policies[name] for name, _ in counted]
            known = self._known[holders] = Allowance(self._rates, policies, names, self._clock)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(holders)
        return known

    def forget(self, holds: Callable[[str], bool]) -> int:
        """Forget the allowances of whom it holds of: how many. Their buckets in the store empty themselves."""
        found = [holders for holders in self._known if any(holds(who) for _, who in holders)]
        for holders in found:
            del self._known[holders]
        return len(found)

    async def aclose(self) -> None:
        """Let go of the shared rates."""
        await self._rates.aclose()


class _Rates:
    """The shared rates, and this process's own while those are away."""

    def __init__(self, shared: Rates) -> None:
        self._shared, self._own = shared, MemoryRates()

    async def take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        try:
            return await self._shared.take(buckets, least, most)
        except StoreUnavailable:
            return await self._own.take(buckets, least, most)

    async def aclose(self) -> None:
        await self._shared.aclose()


def allowances_at(url: str, policies: Mapping[str, tuple[int, float]], sealer: Sealer | None) -> Allowances:
    """Allowances from the rates beside the store at a URL, with buckets named by digests, keyed as the store is."""

    def name_of(policy: str, who: str) -> str:
        return digest("rate", policy, who) if sealer is None else sealer.digests("rate", policy, who)[0]

    return Allowances(open_rates(url), policies, name_of)
