"""Whose tokens are believed, and how far: the issuer, pinned algorithms, and every bound in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.contract.manifest import seconds
from gateway.settings import Identity
from resolvers.common.assurance import Assurance

LEVELS: Mapping[str, Assurance] = {
    **{level.name.lower(): level for level in Assurance},
    **{f"http://eidas.europa.eu/LoA/{level.name.lower()}": level for level in Assurance},
}
"""Assurance levels by the `acr` of common issuers: plain words, and those of eIDAS (SAML and OpenID profiles)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The terms of `gateway.identity`; all times are seconds.

    `leeway` is for clocks that differ; a token may be valid for `lifetime` at most. A key is asked for again when it
    is `keys_fresh_for` old, and believed for `keys_kept_for` while the issuer is away. `levels` gives the assurance
    level of an `acr`; any other is none.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("ES256",)
    leeway: float = 30.0
    lifetime: float = 24 * 3600.0
    keys_fresh_for: float = 300.0
    keys_kept_for: float = 24 * 3600.0
    levels: Mapping[str, Assurance] = field(default_factory=lambda: LEVELS)


def trust_of(identity: Identity) -> Trust:
    """The terms that an operator has set."""
    return Trust(
        issuer=identity.issuer,
        audience=identity.audience,
        algorithms=identity.algorithms,
        leeway=seconds(identity.leeway),
        lifetime=seconds(identity.longest_lifetime),
        keys_fresh_for=seconds(identity.keys_fresh_for),
        keys_kept_for=seconds(identity.keys_kept_for),
        levels={**LEVELS, **{acr: Assurance[level.upper()] for acr, level in identity.assurance.items()}},
    )
