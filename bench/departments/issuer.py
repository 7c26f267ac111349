"""The login service: signs tokens with ES256 and publishes discovery and its key."""

from __future__ import annotations

import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from bench import city
from bench.departments.server import Asked

LIFETIME = 24 * 3600
_KEY_ID = "bench"


class Issuer:
    """Discovery, `/jwks`, and `/tokens?count=N`: one token for each of the first N persons.

    `address` is the issuer's name; it is set once the address is known.
    """

    who_header = b""
    echo_header = b""
    reply_headers = b""

    def __init__(self) -> None:
        self.address = ""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def answer(self, asked: Asked) -> object | None:
        """The documents of an OpenID issuer, and tokens."""
        match asked.path:
            case "/.well-known/openid-configuration":
                return {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}
            case "/jwks":
                return {"keys": [self._public_key()]}
            case "/tokens":
                return [self._token(city.person(index)) for index in range(int(asked.query["count"]))]
        return None

    def _public_key(self) -> dict[str, object]:
        published = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        return {**published, "kid": _KEY_ID, "use": "sig", "alg": "ES256"}

    def _token(self, person: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": "citygate",
            "sub": person,
            "name": f"Person {person}",
            "scope": "openid person",
            "acr": "substantial",
            "iat": now,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": _KEY_ID})
