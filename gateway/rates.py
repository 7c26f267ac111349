"""How much who asks may still ask for: a person and their app, or an address where nobody is logged in.

What is left is said in the fields of the IETF's draft `ratelimit-headers` (version 11): `RateLimit-Policy` has the
units (`q`) that come back within a time (`w`), `RateLimit` what is left of them (`r`) and when all are there again
(`t`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Any, Protocol

from starlette.types import Scope

from gateway.addresses import network_of
from gateway.graphql.refusal import HTTPRefusal
from gateway.headers import header
from resolvers.common.context import Viewer

FIELDS = (b"ratelimit", b"ratelimit-policy")


class Remaining(Protocol):
    """What is left under one policy: of `quota` units, which come back within `per` seconds."""

    name: str
    quota: int
    per: float
    units: int
    full_in: float


class Allowance(Protocol):
    """Units of who asks."""

    left: float

    async def take(self, units: int) -> float:
        """Take units: 0, or the seconds after which they would be there."""
        ...

    def remaining(self) -> Sequence[Any]:
        """`Remaining`, for each policy."""
        ...


class Allowances(Protocol):
    """All allowances."""

    def of(self, *holders: tuple[str, str]) -> Allowance:
        """That of who is all of these: pairs of a policy's name and who is meant."""
        ...

    def forget(self, holds: Callable[[str], bool]) -> int:
        """Forget those of whom it holds of: how many."""
        ...

    async def aclose(self) -> None:
        """Let go of what is shared."""
        ...


class RateLimits:
    """Charges requests to who asks. `proxies` are the networks whose `X-Forwarded-For` is believed."""

    def __init__(self, allowances: Allowances, proxies: Sequence[str] = ()) -> None:
        self._allowances = allowances
        self._proxies = [ip_network(one) for one in proxies]

    async def charge(self, scope: Scope, viewer: Viewer | None, units: int) -> Callable[[], Mapping[str, str]]:
        """Take the units; gives what the answer then says about them. Raises: HTTPRefusal 429."""
        allowance = self.of(scope, viewer)
        wait = await allowance.take(units)
        if wait:
            raise _refusal(wait, _fields(allowance))
        return partial(_fields, allowance)

    def forget(self, holds: Callable[[str], bool]) -> int:
        """Forget the allowances of whom it holds of: how many."""
        return self._allowances.forget(holds)

    async def aclose(self) -> None:
        """Let go of what is shared."""
        await self._allowances.aclose()

    async def identified(self, scope: Scope, looking: Awaitable[Viewer | None]) -> Viewer | None:
        """Who asks; who is not believed is charged as an address. Raises: HTTPRefusal."""
        try:
            return await looking
        except HTTPRefusal:
            await self.charge(scope, None, 1)
            raise

    def of(self, scope: Scope, viewer: Viewer | None) -> Allowance:
        """The allowance of who asks; of who acts for somebody, their own."""
        if viewer is None:
            return self._allowances.of(("address", network_of(self._forwarded(scope) or _peer(scope))))
        person = ("subject", viewer.actor or viewer.id)
        return self._allowances.of(person, ("client", viewer.client)) if viewer.client else self._allowances.of(person)

    def said_by(self, scope: Scope, viewer: Viewer | None) -> Allowance | None:
        """The same where the request itself says who asks; None where only its connection does."""
        if viewer is None and self._forwarded(scope) is None:
            return None
        return self.of(scope, viewer)

    def of_peer(self, address: str) -> Allowance:
        """The allowance of an address that asks without a token, and without a proxy."""
        return self._allowances.of(("address", network_of(address)))

    def _forwarded(self, scope: Scope) -> str | None:
        """The last address that no proxy of ours has, as they tell it; None for what comes from elsewhere."""
        forwarded = header(scope, b"x-forwarded-for") if self._proxies else None
        if forwarded is None or not self._is_proxy(_peer(scope)):
            return None
        named = [one.strip() for one in forwarded.decode("latin-1").split(",")]
        return next((one for one in reversed(named) if not self._is_proxy(one)), None)

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _fields(allowance: Allowance) -> dict[str, str]:
    remaining = allowance.remaining()
    if not remaining:
        return {}
    return {
        "ratelimit-policy": ", ".join(f'"{one.name}";q={one.quota};w={ceil(one.per)}' for one in remaining),
        "ratelimit": ", ".join(f'"{one.name}";r={one.units};t={ceil(one.full_in)}' for one in remaining),
    }


def _refusal(wait: float, fields: Mapping[str, str]) -> HTTPRefusal:
    seconds = max(1, ceil(wait))
    return HTTPRefusal(
        429,
        "RATE_LIMITED",
        "Too much was asked for in a short time; try again later.",
        headers={"retry-after": str(seconds), **fields},
        extensions={"retryAfter": seconds},
    )
