"""Who asks: a bearer token of the city's OpenID issuer, verified once and remembered until it expires."""

from __future__ import annotations

import asyncio
import hashlib
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
Fetch = Callable[[str], Awaitable[bytes]]
"""Gets a document by its URL; raises any Exception when it cannot be had."""


class Identities:
    """Believes the tokens of one issuer. Keys are fetched when they are first needed, and when one is unknown."""

    def __init__(
        self, issuer: str, audience: str, fetch: Fetch, *, algorithms: Sequence[str] = ("ES256",), leeway: float = 30.0
    ) -> None:
        self._issuer, self._audience, self._fetch = issuer, audience, fetch
        self._algorithms, self._leeway = list(algorithms), leeway
        self._keys: dict[str, jwt.PyJWK] = {}
        self._ask_again_at = float("-inf")
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
        if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
            raise _refusal("The Authorization header must be `Bearer` and a token of at most 8 KiB.")
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
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
            return jwt.decode(
                token,
                key,
                algorithms=self._algorithms,
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError as exc:
            raise _refusal("The token has expired: get a new one.") from exc
        except (jwt.PyJWTError, UnicodeError, ValueError) as exc:
            raise _refusal("The token is not one that this city's login service gave out for Citygate.") from exc

    async def _key(self, kid: str) -> jwt.PyJWK:
        if kid not in self._keys:
            async with self._asking:
                if kid not in self._keys and time.monotonic() >= self._ask_again_at:
                    await self._ask_for_keys()
        if kid in self._keys:
            return self._keys[kid]
        if not self._keys:
            raise _unavailable()
        raise _refusal("The token is signed with a key that the login service does not have.")

    async def _ask_for_keys(self) -> None:
        self._ask_again_at = time.monotonic() + AGAIN_AFTER_FAILURE
        try:
            found = await self._published_keys()
        except Exception as exc:
            raise _unavailable() from exc
        self._keys = {str(key.key_id): key for key in found.keys}
        self._ask_again_at = time.monotonic() + AGAIN_AFTER

    async def _published_keys(self) -> jwt.PyJWKSet:
        discovery = await self._fetch(f"{self._issuer}/.well-known/openid-configuration")
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
