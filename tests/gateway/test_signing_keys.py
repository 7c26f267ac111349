"""Which published keys are usable, and for which algorithm."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.graphql.refusal import HTTPRefusal
from gateway.identity import Identities
from gateway.signing_keys import KINDS, MOST_KEYS, usable
from gateway.trust import Trust
from tests.gateway.test_identity import ISSUER, JWKS

CURVE = ec.generate_private_key(ec.SECP256R1())
WIDER = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)
EDWARDS = ed25519.Ed25519PrivateKey.generate()
PUBLIC: dict[str, dict[str, Any]] = {
    "P-256": json.loads(ECAlgorithm.to_jwk(CURVE.public_key())),
    "P-384": json.loads(ECAlgorithm.to_jwk(WIDER.public_key())),
    "RSA": json.loads(RSAAlgorithm.to_jwk(RSA.public_key())),
    "Ed25519": json.loads(OKPAlgorithm.to_jwk(EDWARDS.public_key())),
}
for each in PUBLIC.values():
    each.pop("key_ops", None)
PRIVATE: dict[str, Any] = {"ES256": CURVE, "ES384": WIDER, "PS256": RSA, "PS384": RSA, "EdDSA": EDWARDS}
ALL = tuple(KINDS)


def found(published: Any, *algorithms: str) -> list[tuple[str, str]]:
    return sorted(usable([published], algorithms or ALL))


@pytest.mark.parametrize(
    ("kind", "algorithms"),
    [("P-256", ["ES256"]), ("P-384", ["ES384"]), ("RSA", ["PS256", "PS384"]), ("Ed25519", ["EdDSA"])],
)
def test_a_key_is_for_the_algorithms_of_its_kind(kind: str, algorithms: list[str]) -> None:
    assert found({**PUBLIC[kind], "kid": "k"}) == [("k", algorithm) for algorithm in algorithms]
    assert found({**PUBLIC[kind], "kid": "k", "alg": algorithms[0]}) == [("k", algorithms[0])]
    others = [algorithm for algorithm in ALL if algorithm not in algorithms]
    assert found({**PUBLIC[kind], "kid": "k"}, *others) == []


FOR_SOMETHING_ELSE = {
    "a symmetric algorithm": {**PUBLIC["P-256"], "kid": "k", "alg": "HS256"},
    "an algorithm that cannot be pinned": {**PUBLIC["RSA"], "kid": "k", "alg": "RS256"},
    "encryption": {**PUBLIC["P-256"], "kid": "k", "use": "enc"},
    "an operation": {**PUBLIC["P-256"], "kid": "k", "key_ops": ["encrypt"]},
    "operations that are no list": {**PUBLIC["P-256"], "kid": "k", "key_ops": "verify"},
    "a private key": {**PUBLIC["P-256"], "kid": "k", "d": "AA"},
    "no point of the curve": {**PUBLIC["P-256"], "kid": "k", "x": "AA"},
    "another curve": {**PUBLIC["P-256"], "kid": "k", "crv": "secp256k1"},
    "no id": PUBLIC["P-256"],
    "an id that is no text": {**PUBLIC["P-256"], "kid": 5},
    "a secret": {"kty": "oct", "k": "a2tra2tra2tra2tra2tra2tra2tra2tra2s", "kid": "k"},
    "key agreement": {"kty": "OKP", "crv": "X25519", "x": "AA", "kid": "k"},
    "a short RSA key": {
        **json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key())),
        "kid": "k",
    },
    "a text": "key",
    "null": None,
}


@pytest.mark.parametrize("published", FOR_SOMETHING_ELSE.values(), ids=FOR_SOMETHING_ELSE.keys())
def test_a_key_for_something_else_is_passed_over(published: Any) -> None:
    if isinstance(published, dict) and "n" in published:
        published.pop("key_ops", None)
    assert found(published) == []


def test_the_first_key_of_an_id_stands() -> None:
    second = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    twice = usable([{**PUBLIC["P-256"], "kid": "k"}, {**second, "kid": "k"}], ["ES256"])
    assert (
        twice["k", "ES256"].thumbprint == usable([{**PUBLIC["P-256"], "kid": "k"}], ["ES256"])["k", "ES256"].thumbprint
    )


class Login:
    """Publishes one key of each kind, none of which says its algorithm."""

    def __init__(self, published: list[dict[str, Any]]) -> None:
        self.published = published
        self.asked = 0

    async def fetch(self, url: str) -> bytes:
        self.asked += 1
        return json.dumps({"keys": self.published} if url == JWKS else {"issuer": ISSUER, "jwks_uri": JWKS}).encode()


def token(algorithm: str, kid: str) -> bytes:
    claims = {"iss": ISSUER, "aud": "citygate", "sub": "ann", "exp": int(time.time()) + 60}
    signed = jwt.encode(claims, PRIVATE[algorithm], algorithm=algorithm, headers={"kid": kid})
    return f"Bearer {signed}".encode()


PUBLISHED = [{**jwk, "kid": kind} for kind, jwk in PUBLIC.items()]


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("ES256", "P-256"), ("ES384", "P-384"), ("PS256", "RSA"), ("PS384", "RSA"), ("EdDSA", "Ed25519")],
)
async def test_every_algorithm_that_can_be_pinned_is_verified(algorithm: str, kind: str) -> None:
    login = Login(PUBLISHED)
    identities = Identities(Trust(issuer=ISSUER, audience="citygate", algorithms=(algorithm,)), login.fetch)
    viewer = await identities.viewer(token(algorithm, kind))
    assert viewer is not None
    assert viewer.id == "ann"
    for other in ALL:
        if other != algorithm:
            with pytest.raises(HTTPRefusal, match="not accepted"):
                await identities.viewer(token(other, kind))


async def test_a_known_key_for_another_algorithm_is_refused_and_nobody_asked() -> None:
    """Both algorithms are pinned; the key decides which of them its tokens may have."""
    login = Login(PUBLISHED)
    identities = Identities(Trust(issuer=ISSUER, audience="citygate", algorithms=ALL), login.fetch)
    await identities.viewer(token("ES256", "P-256"))
    for algorithm, kid in (("ES256", "RSA"), ("PS256", "P-256"), ("EdDSA", "P-256"), ("ES384", "P-256")):
        with pytest.raises(HTTPRefusal, match="does not have"):
            await identities.viewer(token(algorithm, kid))
    assert login.asked == 2


async def test_a_flood_of_keys_is_cut_short() -> None:
    many = [{**PUBLIC["P-256"], "kid": str(number)} for number in range(MOST_KEYS + 5)]
    identities = Identities(Trust(issuer=ISSUER, audience="citygate"), Login(many).fetch)
    assert await identities.viewer(token("ES256", str(MOST_KEYS - 1)))
    with pytest.raises(HTTPRefusal):
        await identities.viewer(token("ES256", str(MOST_KEYS)))
