"""Who asks: a bearer token of the city's OpenID issuer, verified once and remembered while it can be believed."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from gateway.claims import BadClaim, names_of, viewer_of
from gateway.graphql.refusal import HTTPRefusal
from gateway.revocations import Revocations, TokenNames
from gateway.signing_keys import Fetch, KeysUnavailable, NoSuchKey, SigningKey, SigningKeys
from gateway.trust import Trust
from resolvers.common.context import Viewer

MOST_REMEMBERED = 5_000
LONGEST_TOKEN = 8 * 1024
LONGEST_KEY_ID = 256
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, 2.1."""
_TYPES = ("", "jwt", "at+jwt", "application/at+jwt")
"""What a `typ` may be (RFC 9068, 4): a token made for something else, such as `logout+jwt`, is none to log in with."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A token that was verified: until when (seconds since the epoch), for whom, by which key."""

    until: float
    viewer: Viewer
    key: bytes
    names: TokenNames


class Identities:
    """Believes the tokens of one issuer, on the terms of `Trust`.

    What was verified is remembered until it expires, its key goes, or it is revoked.
    """

    def __init__(self, trust: Trust, fetch: Fetch, revocations: Revocations | None = None) -> None:
        self._trust, self._revocations = trust, revocations
        self._keys = SigningKeys(trust, fetch, self._keys_changed)
        self._known: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._look_at = float("inf") if revocations is None else float("-inf")
        if revocations is not None:
            revocations.changed = self._drop_revoked

    def __len__(self) -> int:
        return len(self._known)

    def still_valid(self, authorization: bytes) -> Viewer | None:
        """The person behind an `Authorization` header that was believed before and can be still: one look-up.

        None says nothing but that `viewer` must be asked: the token is unknown or has expired, or it is time to look
        for new keys and revocations.
        """
        if time.monotonic() >= self._look_at:
            return None
        return self._remembered(_digest(authorization))

    async def viewer(self, authorization: bytes | None) -> Viewer | None:
        """The person behind an `Authorization` header; None without one.

        Raises: HTTPRefusal 401 for a token that is not believed, 503 when the issuer's keys cannot be had.
        """
        if authorization is None:
            return None
        known = self.still_valid(authorization)
        if known is not None:
            return known
        token = _token(authorization)
        await self._look()
        digest = _digest(authorization)
        return self._remembered(digest) or await self._believe(token, digest)

    def forget(self, is_meant: Callable[[str], bool]) -> int:
        """Forget the verified tokens of persons, and of who acts for them: how many. They can be verified again."""
        left = OrderedDict(
            (digest, one) for digest, one in self._known.items() if not any(map(is_meant, one.names.persons))
        )
        forgotten = len(self._known) - len(left)
        self._known = left
        return forgotten

    def _remembered(self, digest: bytes) -> Viewer | None:
        known = self._known.get(digest)
        return known.viewer if known is not None and known.until > time.time() else None

    async def _look(self) -> None:
        await self._keys.keep_fresh()
        if self._revocations is not None:
            await self._revocations.keep_current()
        self._plan_to_look()

    def _plan_to_look(self) -> None:
        revocations = self._revocations.look_at if self._revocations is not None else float("inf")
        self._look_at = min(self._keys.look_at, revocations)

    async def _believe(self, token: str, digest: bytes) -> Viewer:
        claims, key = await self._verified(token)
        self._plan_to_look()  # the keys may just have come
        try:
            viewer, names = viewer_of(claims, self._trust), names_of(claims)
        except BadClaim as exc:
            raise _refusal(f"The token's claim `{exc}` does not name anybody.") from exc
        if self._revocations is not None and self._revocations.covers(names):
            raise _revoked()
        self._remember(digest, _Remembered(float(claims["exp"]), viewer, key.thumbprint, names))
        return viewer

    async def _verified(self, token: str) -> tuple[Mapping[str, Any], SigningKey]:
        try:
            header = jwt.get_unverified_header(token)
            key = await self._keys.find(*self._key_named(header))
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                audience=self._trust.audience,
                issuer=self._trust.issuer,
                leeway=self._trust.leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            if float(claims["exp"]) > time.time() + self._trust.lifetime + self._trust.leeway:
                raise _refusal(f"The token is valid for longer than the {self._trust.lifetime:g} s accepted here.")
        except NoSuchKey as exc:
            raise _refusal("The token is signed with a key that the login service does not have.") from exc
        except KeysUnavailable as exc:
            raise _unavailable() from exc
        except jwt.ExpiredSignatureError as exc:
            raise _refusal("The token has expired: get a new one.") from exc
        except (jwt.PyJWTError, ValueError, ArithmeticError, RecursionError) as exc:
            raise _refusal("The token is not one that this city's login service gave out for Citygate.") from exc
        return claims, key

    def _key_named(self, header: Mapping[str, Any]) -> tuple[str, str]:
        """The key's id and the algorithm of a token's header, before anything is believed or anybody asked."""
        algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
        if not isinstance(algorithm, str) or algorithm not in self._trust.algorithms:
            raise _refusal("The token is signed in a way that is not accepted here.")
        if "crit" in header:
            raise _refusal("The token demands an extension (`crit`) that is not understood here.")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise _refusal("The token was made for something else (`typ`).")
        if not isinstance(kid, str) or len(kid) > LONGEST_KEY_ID:
            raise _refusal("The token does not name the key that it is signed with (`kid`).")
        return kid, algorithm

    def _remember(self, digest: bytes, token: _Remembered) -> None:
        self._known[digest] = token
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    def _keys_changed(self, left: frozenset[bytes]) -> None:
        self._known = OrderedDict((digest, one) for digest, one in self._known.items() if one.key in left)

    def _drop_revoked(self) -> None:
        assert self._revocations is not None
        covers = self._revocations.covers
        self._known = OrderedDict((digest, one) for digest, one in self._known.items() if not covers(one.names))


def _digest(authorization: bytes) -> bytes:
    """Under which a header is remembered: the token itself is not kept."""
    return hashlib.sha256(authorization).digest()


def _token(authorization: bytes) -> str:
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN or not _TOKEN.fullmatch(token):
        raise _refusal("The Authorization header must be `Bearer` and a token of at most 8 KiB.")
    return token


def _unavailable() -> HTTPRefusal:
    return HTTPRefusal(
        503,
        "IDENTITY_UNAVAILABLE",
        "The login service cannot be reached; try again in a moment.",
        headers={"retry-after": "5"},
    )


def _revoked() -> HTTPRefusal:
    return _refusal("The token was revoked: log in again.")


def _refusal(message: str) -> HTTPRefusal:
    return HTTPRefusal(
        401, "UNAUTHENTICATED", message, headers={"www-authenticate": 'Bearer realm="citygate", error="invalid_token"'}
    )
