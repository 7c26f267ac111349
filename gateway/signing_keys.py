"""The keys that the city's OpenID issuer signs with: fetched, renewed, and let go when the issuer lets them go."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec

from gateway.trust import Trust

AGAIN_AFTER = 10.0
AGAIN_AFTER_FAILURE = 1.0
MOST_KEYS = 100
FEWEST_RSA_BITS = 2048
Fetch = Callable[[str], Awaitable[bytes]]
"""Gets a document by its URL; raises any Exception when it cannot be had."""

KINDS: Mapping[str, tuple[str, str | None]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "EdDSA": ("OKP", "Ed25519"),
}
"""Algorithms that may be pinned, each with the key's `kty` and `crv`. None of them takes a secret that is shared."""


class NoSuchKey(Exception):
    """The issuer has no key with this id for this algorithm."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had at present."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key for one algorithm; `thumbprint` tells it from another under the same id (RFC 7638)."""

    algorithm: str
    public: jwt.PyJWK
    thumbprint: bytes


class SigningKeys:
    """The published keys of one issuer, found by discovery.

    They are asked for when first needed, when one is unknown, and when they are old; once at a time, and at most once
    in ten seconds. Only a process that was idle waits for old ones. While the issuer is away they go on, within
    `Trust.keys_kept_for`. `changed` is told the thumbprints that are left whenever a key goes.
    """

    def __init__(self, trust: Trust, fetch: Fetch, changed: Callable[[frozenset[bytes]], None]) -> None:
        self._trust, self._fetch, self._changed = trust, fetch, changed
        self._keys: dict[tuple[str, str], SigningKey] = {}
        self._fetched_at = self._ask_again_at = float("-inf")
        self._issuer_answers = True
        self._renewal: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()

    @property
    def look_at(self) -> float:
        """When `keep_fresh` has to be called next, by `time.monotonic()`."""
        old_at = max(self._fetched_at + self._trust.keys_fresh_for, self._ask_again_at)
        return min(old_at, self._fetched_at + self._trust.keys_kept_for) if self._keys else float("inf")

    async def find(self, kid: str, algorithm: str) -> SigningKey:
        """The key of an id and an algorithm. Raises: NoSuchKey, KeysUnavailable."""
        if not self._knows(kid):
            await self._ask_unless(lambda: self._knows(kid))
        found = self._keys.get((kid, algorithm))
        if found is not None:
            return found
        raise NoSuchKey if self._issuer_answers or self._knows(kid) else KeysUnavailable

    async def keep_fresh(self) -> None:
        """Renew old keys; drop what is older than may be believed without the issuer."""
        now = time.monotonic()
        if self._keys and now >= self._fetched_at + self._trust.keys_kept_for:
            self._keep({})
        if not self._keys or now < self._fetched_at + self._trust.keys_fresh_for:
            return
        if now >= self._ask_again_at and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._ask_unless(lambda: self._fetched_at >= now))
        idle = now >= self._fetched_at + 2 * self._trust.keys_fresh_for
        if idle and self._issuer_answers and self._renewal is not None:
            await asyncio.shield(self._renewal)

    def _knows(self, kid: str) -> bool:
        return any((kid, algorithm) in self._keys for algorithm in self._trust.algorithms)

    async def _ask_unless(self, settled: Callable[[], bool]) -> None:
        async with self._asking:
            if not settled() and time.monotonic() >= self._ask_again_at:
                await self._ask()

    async def _ask(self) -> None:
        try:
            found = await self._published()
        except Exception:  # whatever the login service did, it gave no keys
            self._issuer_answers = False
            self._ask_again_at = time.monotonic() + AGAIN_AFTER_FAILURE
            return
        self._issuer_answers = True
        self._fetched_at = time.monotonic()
        self._ask_again_at = self._fetched_at + AGAIN_AFTER
        self._keep(found)

    def _keep(self, keys: dict[tuple[str, str], SigningKey]) -> None:
        before, self._keys = self._keys, keys
        left = frozenset(key.thumbprint for key in keys.values())
        if any(key.thumbprint not in left for key in before.values()):
            self._changed(left)

    async def _published(self) -> dict[tuple[str, str], SigningKey]:
        discovery = await self._fetch(f"{self._trust.issuer.rstrip('/')}/.well-known/openid-configuration")
        configuration = msgspec.json.decode(discovery, type=_Configuration)
        if configuration.issuer != self._trust.issuer:
            raise ValueError("the discovery document is another issuer's")
        published = msgspec.json.decode(await self._fetch(configuration.jwks_uri), type=_KeySet)
        found = usable(published.keys[:MOST_KEYS], self._trust.algorithms)
        if not found:
            raise ValueError("the issuer publishes no key that can be used")
        return found


class _Configuration(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[Any]


def usable(published: Iterable[Any], algorithms: Sequence[str]) -> dict[tuple[str, str], SigningKey]:
    """The keys of a JWK set by their id and each pinned algorithm that they fit; others are passed over."""
    found: dict[tuple[str, str], SigningKey] = {}
    for each in published:
        for algorithm in algorithms:
            if _fits(each, algorithm):
                with suppress(jwt.PyJWTError, ValueError, TypeError):
                    found.setdefault((each["kid"], algorithm), _signing_key(each, algorithm))
    return found


def _fits(published: Any, algorithm: str) -> bool:
    """Whether a JWK says of itself that it verifies signatures of this algorithm (RFC 7517, 4)."""
    if not isinstance(published, dict) or not isinstance(published.get("kid"), str):
        return False
    kind, curve = KINDS[algorithm]
    operations = published.get("key_ops", ["verify"])
    return (
        published.get("kty") == kind
        and (curve is None or published.get("crv") == curve)
        and published.get("alg", algorithm) == algorithm
        and published.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and "d" not in published
    )


def _signing_key(published: Mapping[str, Any], algorithm: str) -> SigningKey:
    public = jwt.PyJWK(dict(published), algorithm)
    if getattr(public.key, "key_size", FEWEST_RSA_BITS) < FEWEST_RSA_BITS and public.key_type == "RSA":
        raise ValueError(f"the RSA key has fewer than {FEWEST_RSA_BITS} bits")
    material = {name: published.get(name) for name in ("kty", "crv", "x", "y", "n", "e")}
    digest = hashlib.sha256(msgspec.json.encode((algorithm, material), order="deterministic")).digest()
    return SigningKey(algorithm, public, digest)
