"""Who asks: a bearer token of the city's OpenID issuer, verified once and remembered until it expires."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec

from adapters.contract.records import PersonId
from gateway.graphql.refusal import HTTPRefusal
from resolvers.common.context import Viewer

MOST_REMEMBERED = 10_000
LONGEST_TOKEN = 8 * 1024
AGAIN_AFTER = 10.0
AGAIN_AFTER_FAILURE = 1.0
KEYS_ARE_OLD_AFTER = 3600.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, 2.1."""
Fetch = Callable[[str], Awaitable[bytes]]
"""Gets a document by its URL; raises any Exception when it cannot be had."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A token that was verified: for whom, until when (seconds since the epoch), and by which key."""

    viewer: Viewer
    until: float
    key_id: str


class Identities:
    """Believes the tokens of one issuer.

    Keys are fetched when they are first needed, when one is unknown, and when they are an hour old, so that one that
    the issuer has withdrawn is not believed for ever; but at most once in ten seconds. While the issuer is away the
    known keys go on. With a key that is gone or another go the tokens that were believed by it.
    """

    def __init__(
        self, issuer: str, audience: str, fetch: Fetch, *, algorithms: Sequence[str] = ("ES256",), leeway: float = 30.0
    ) -> None:
        self._issuer, self._audience, self._fetch = issuer, audience, fetch
        self._algorithms, self._leeway = list(algorithms), leeway
        self._keys: dict[str, jwt.PyJWK] = {}
        self._ask_again_at = self._old_at = float("-inf")
        self._issuer_answers = True
        self._renewal: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()
        self._known: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def viewer(self, authorization: str | None) -> Viewer | None:
        """The person behind an `Authorization` header; None without one.

        Raises: HTTPRefusal 401 for a token that is not believed, 503 when the issuer's keys cannot be had.
        """
        if authorization is None:
            return None
        token = _token_in(authorization)
        digest = _digest(token)
        known = self._known.get(digest)
        if known is not None and known.until > time.time():
            self._renew_old_keys()
            return known.viewer
        claims, key_id = await self._verified(token)
        remembered = _Remembered(_viewer(claims), float(claims["exp"]), key_id)
        self._remember(digest, remembered)
        return remembered.viewer

    def still_valid(self, authorization: bytes) -> Viewer | None:
        """The person behind an `Authorization` header that was believed before and can be still: one look-up.

        None says nothing but that `viewer` must be asked.
        """
        known = self._known.get(_digest(authorization.decode("latin-1").partition(" ")[2].strip()))
        return known.viewer if known is not None and known.until > time.time() else None

    async def _verified(self, token: str) -> tuple[Mapping[str, Any], str]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in self._algorithms:
                raise _refusal("The token is signed in a way that is not accepted here.")
            key_id = str(header.get("kid"))
            key = await self._key(key_id)
            claims = jwt.decode(
                token,
                key,
                algorithms=self._algorithms,
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            if not claims["sub"].strip() or not claims["sub"].isprintable():
                raise _refusal("The token names nobody.")
        except jwt.ExpiredSignatureError as exc:
            raise _refusal("The token has expired: get a new one.") from exc
        except (jwt.PyJWTError, ValueError, ArithmeticError, RecursionError) as exc:
            raise _refusal("The token is not one that this city's login service gave out for Citygate.") from exc
        return claims, key_id

    async def _key(self, kid: str) -> jwt.PyJWK:
        if kid in self._keys:
            self._renew_old_keys()
        else:
            await self._ask_unless(lambda: kid in self._keys)
        if kid in self._keys:
            return self._keys[kid]
        if not self._issuer_answers:
            raise _unavailable()
        raise _refusal("The token is signed with a key that the login service does not have.")

    def _renew_old_keys(self) -> None:
        """Nobody whose key is known waits for the login service."""
        if time.monotonic() >= max(self._old_at, self._ask_again_at) and (
            self._renewal is None or self._renewal.done()
        ):
            self._renewal = asyncio.create_task(self._ask_unless(lambda: time.monotonic() < self._old_at))

    async def _ask_unless(self, settled: Callable[[], bool]) -> None:
        async with self._asking:
            if not settled() and time.monotonic() >= self._ask_again_at:
                await self._ask_for_keys()

    async def _ask_for_keys(self) -> None:
        try:
            found = await self._published_keys()
        except Exception:  # whatever the login service did, it gave no keys
            self._issuer_answers = False
            self._ask_again_at = time.monotonic() + AGAIN_AFTER_FAILURE
            return
        former = self._keys
        self._keys = {str(key.key_id): key for key in found.keys if key.algorithm_name in self._algorithms}
        self._forget_signed_by({name for name, key in former.items() if not _same(key, self._keys.get(name))})
        self._issuer_answers = True
        self._ask_again_at = time.monotonic() + AGAIN_AFTER
        self._old_at = time.monotonic() + KEYS_ARE_OLD_AFTER

    async def _published_keys(self) -> jwt.PyJWKSet:
        discovery = await self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        configuration = msgspec.json.decode(discovery, type=_Configuration)
        if configuration.issuer != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        return jwt.PyJWKSet.from_json((await self._fetch(configuration.jwks_uri)).decode())

    def _remember(self, digest: bytes, remembered: _Remembered) -> None:
        self._known[digest] = remembered
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    def _forget_signed_by(self, key_ids: Set[str]) -> None:
        if key_ids:
            for digest in [digest for digest, one in self._known.items() if one.key_id in key_ids]:
                del self._known[digest]


class _Configuration(msgspec.Struct):
    issuer: str
    jwks_uri: str


def _token_in(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token) or len(token) > LONGEST_TOKEN:
        raise _refusal("The Authorization header must be `Bearer` and a token of at most 8 KiB.")
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _same(key: jwt.PyJWK, other: jwt.PyJWK | None) -> bool:
    """Whether both are one public key, under whatever name."""
    return other is not None and bool(key.key == other.key)


def _viewer(claims: Mapping[str, Any]) -> Viewer:
    name, scope, assurance = claims.get("name"), claims.get("scope"), claims.get("acr")
    return Viewer(
        id=PersonId(str(claims["sub"])),
        name=name if isinstance(name, str) else None,
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
        assurance=assurance if isinstance(assurance, str) else None,
    )


def _unavailable() -> HTTPRefusal:
    return HTTPRefusal(
        503,
        "IDENTITY_UNAVAILABLE",
        "The login service cannot be reached; try again in a moment.",
        headers={"retry-after": "5"},
    )


def _refusal(message: str) -> HTTPRefusal:
    return HTTPRefusal(
        401, "UNAUTHENTICATED", message, headers={"www-authenticate": 'Bearer realm="citygate", error="invalid_token"'}
    )
