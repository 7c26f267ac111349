"""What a verified token says: the person, what they may do, how surely they are known, who acts for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from adapters.contract.city import Caller
from adapters.contract.records import PersonId
from gateway.revocations import TokenNames
from gateway.trust import Trust
from resolvers.common.context import Viewer

LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, 2: `sub` has at most 255 characters."""
BY_ISSUER = "issuer"
"""The ground of a delegation that the login service vouches for."""


class BadClaim(Exception):
    """A claim that decides about rights has no form that it can have; names the claim."""


def viewer_of(claims: Mapping[str, Any], trust: Trust) -> Viewer:
    """The person of `sub`; `act` (RFC 8693, 4.1) names who acts for them. Raises: BadClaim."""
    name, scope, acr = claims.get("name"), claims.get("scope"), claims.get("acr")
    actor = _actor(claims)
    return Viewer(
        id=PersonId(_subject(claims, "sub")),
        name=name if isinstance(name, str) else None,
        scopes=_scopes(scope) if isinstance(scope, str) else frozenset(),
        assurance=trust.levels.get(acr) if isinstance(acr, str) else None,
        actor=PersonId(actor) if actor else None,
        basis=BY_ISSUER if actor else None,
        client=_client(claims),
    )


@lru_cache(256)
def _scopes(scope: str) -> frozenset[str]:
    """Those of a claim; many tokens have the same, which then take their memory once."""
    return frozenset(scope.split())


def names_of(claims: Mapping[str, Any]) -> TokenNames:
    """What a revocation can name. Raises: BadClaim."""
    jti, issued_at = claims.get("jti"), claims.get("iat")
    actor = _actor(claims)
    return TokenNames(
        jti if isinstance(jti, str) else None,
        (_subject(claims, "sub"), *((actor,) if actor else ())),
        float(issued_at) if isinstance(issued_at, int | float) else float("-inf"),
    )


def caller_of(viewer: Viewer | None, *, locale: str, deadline: float) -> Caller:
    """Who asks departments: the person, and whoever acts for them; nobody without a token."""
    if viewer is None:
        return Caller(subject=None, locale=locale, deadline=deadline)
    return Caller(subject=viewer.id, actor=viewer.actor, basis=viewer.basis, locale=locale, deadline=deadline)


def _client(claims: Mapping[str, Any]) -> str | None:
    """The app: `client_id` of an access token (RFC 9068, 2.2), or `azp` (OpenID Connect Core 1.0, 2)."""
    client = claims.get("client_id") or claims.get("azp")
    usable = isinstance(client, str) and client.isprintable() and 0 < len(client) <= LONGEST_SUBJECT
    return client if usable else None


def _actor(claims: Mapping[str, Any]) -> str | None:
    """The current actor: those within `act.act` acted before, and are for the record only."""
    if claims.get("act") is None:
        return None
    if not isinstance(claims["act"], Mapping):
        raise BadClaim("act")
    return _subject(claims["act"], "act.sub")


def _subject(claims: Mapping[str, Any], claim: str) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip() or not subject.isprintable():
        raise BadClaim(claim)
    if len(subject) > LONGEST_SUBJECT:
        raise BadClaim(claim)
    return subject
