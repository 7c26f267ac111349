"""Who asks: a bearer token of the city's OpenID issuer, verified once and remembered until it expires."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
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


class Identities:
    """Believes the tokens of one issuer.

    Keys are fetched when they are first needed, when one is unknown, and when they are an hour old, so that one that
    the issuer has withdrawn is not believed for ever; but at most once in ten seconds. While the issuer is away the
    known keys go on.
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
        self._known: OrderedDict[bytes, tuple[float, Viewer]] = OrderedDict()

    async def viewer(self, authorization: str | None) -> Viewer | None:
        """The person behind an `Authorization` header; None without one.

        Raises: HTTPRefusal 401 for a token that is not believed, 503 when the issuer's keys cannot be had.
        """
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token) or len(token) > LONGEST_TOKEN:
            raise _refusal("The Authorization header must be `Bearer` and a token of at most 8 KiB.")
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and known[0] > time.time():
            return known[1]
        claims = await self._verified(token)
        viewer = _viewer(claims)
        self._remember(digest, float(claims["exp"]), viewer)
        return viewer

    async def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in self._algorithms:
                raise _refusal("The token is signed in a way that is not accepted here.")
            key = await self._key(str(header.get("kid")))
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
        return claims

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
        self._keys = {str(key.key_id): key for key in found.keys if key.algorithm_name in self._algorithms}
        self._issuer_answers = True
        self._ask_again_at = time.monotonic() + AGAIN_AFTER
        self._old_at = time.monotonic() + KEYS_ARE_OLD_AFTER

    async def _published_keys(self) -> jwt.PyJWKSet:
        discovery = await self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        configuration = msgspec.json.decode(discovery, type=_Configuration)
        if configuration.issuer != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        return jwt.PyJWKSet.from_json((await self._fetch(configuration.jwks_uri)).decode())

    def _remember(self, digest: bytes, until: float, viewer: Viewer) -> None:
        self._known[digest] = (until, viewer)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


class _Configuration(msgspec.Struct):
    issuer: str
    jwks_uri: str


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
