"""The city's OpenID issuer: persona tokens signed with ES256, discovery, JWKS with rotation, bad tokens."""

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.city import City
from sandbox.kit.forms import FormError, form_fields
from sandbox.personas import Persona, resident

AUDIENCE = "citygate"
LIFETIME = 3600
LARGEST_BODY = 64 * 1024
_GRANT = "urn:citygate:sandbox:persona"
_KEPT_KEYS = 2
LEVELS = ["low", "substantial", "high"]
DOMAINS = ("appointments", "complaints", "registrations", "tax", "civil", "filings", "mandates")
"""A scope for what a person has in one domain; `person` is for all."""


class Fault(StrEnum):
    """What can be wrong with a token on request."""

    EXPIRED = "expired"
    AUDIENCE = "audience"
    KEY = "key"
    NONE_ALG = "none_alg"
    CONFUSED = "confused"


class SigningKey:
    """A P-256 key pair and its key id."""

    def __init__(self) -> None:
        self.kid = secrets.token_urlsafe(8)
        self.private = ec.generate_private_key(ec.SECP256R1())

    def confused(self, claims: dict[str, object]) -> str:
        """A token signed with HS256, whose secret is the public key: no verifier may take it for one."""
        secret = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        head, body = ({"alg": "HS256", "typ": "JWT", "kid": self.kid}, claims)
        signed = ".".join(base64url_encode(json.dumps(part).encode()).decode() for part in (head, body))
        return f"{signed}.{base64url_encode(hmac.digest(secret, signed.encode(), 'sha256')).decode()}"

    def public_jwk(self) -> dict[str, object]:
        """The public half as a JSON Web Key."""
        jwk = json.loads(ECAlgorithm.to_jwk(self.private.public_key()))
        return {**jwk, "kid": self.kid, "use": "sig", "alg": "ES256"}


class Issuer:
    """Issues tokens for the personas of one city; its state is its keys, newest first."""

    def __init__(self, city: City, address: str) -> None:
        self._city = city
        self._address = address
        self._keys = [SigningKey()]
        self._tokens = 0

    async def discovery(self, request: Request) -> Response:
        """`/.well-known/openid-configuration`."""
        return JSONResponse(
            {
                "issuer": self._address,
                "jwks_uri": f"{self._address}/jwks",
                "token_endpoint": f"{self._address}/token",
                "grant_types_supported": [_GRANT],
                "response_types_supported": ["token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "acr_values_supported": LEVELS,
                "scopes_supported": sorted(
                    {scope for persona in self._city.personas.values() for scope in persona.scopes} | {*DOMAINS}
                ),
            }
        )

    async def jwks(self, request: Request) -> Response:
        """`/jwks`: the current key and the one before it."""
        return JSONResponse({"keys": [key.public_jwk() for key in self._keys]})

    async def token(self, request: Request) -> Response:
        """`POST /token` with `persona=NAME` and perhaps `scope=`, `acr=`, `act=` and one of `Fault` as `fault=`.

        `resident=ID` instead of a persona is for anybody else who lives here. `act` names the persona who acts for the
        other one (RFC 8693, 4.1).
        """
        try:
            form = await form_fields(request)
        except FormError as exc:
            return _refused("invalid_request", str(exc))
        persona = self._holder(form)
        if persona is None:
            return _refused("invalid_grant", f"persona: none of {', '.join(self._city.personas)}, and no resident's id")
        actor = self._city.personas.get(form["act"]) if "act" in form else None
        if actor is None and "act" in form:
            return _refused("invalid_request", f"act: none of {', '.join(self._city.personas)}")
        try:
            fault = Fault(form["fault"]) if "fault" in form else None
        except ValueError:
            return _refused("invalid_request", f"fault: none of {', '.join(Fault)}")
        try:
            persona = narrowed(persona, form)
        except ValueError as exc:
            return _refused("invalid_scope", str(exc))
        self._tokens += 1
        return JSONResponse(
            {
                "access_token": self.sign(persona, fault, actor),
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "scope": " ".join(persona.scopes),
            },
            headers={"Cache-Control": "no-store"},
        )

    def _holder(self, form: Mapping[str, str]) -> Persona | None:
        if "resident" not in form:
            return self._city.personas.get(form.get("persona", ""))
        person = self._city.persons.get(form["resident"])
        return None if person is None or person.died else resident(person)

    def sign(self, persona: Persona, fault: Fault | None = None, actor: Persona | None = None) -> str:
        """A bearer token for a persona, valid for an hour unless a fault is asked for, perhaps with who acts for it."""
        claims = self._claims(persona, fault)
        if actor is not None:
            claims["act"] = {"sub": actor.id}
        if fault is Fault.NONE_ALG:
            return jwt.encode(claims, "", algorithm="none")
        if fault is Fault.CONFUSED:
            return self._keys[0].confused(claims)
        key = SigningKey() if fault is Fault.KEY else self._keys[0]
        return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid})

    def _claims(self, persona: Persona, fault: Fault | None) -> dict[str, object]:
        issued = int(time.time()) - (2 * LIFETIME if fault is Fault.EXPIRED else 0)
        name = self._city.persons[persona.id].name
        return {
            "iss": self._address,
            "sub": persona.id,
            "aud": "another-service" if fault is Fault.AUDIENCE else AUDIENCE,
            "iat": issued,
            "nbf": issued,
            "exp": issued + LIFETIME,
            "client_id": "citygate-sandbox",
            "jti": secrets.token_urlsafe(16),
            "acr": persona.assurance,
            "scope": " ".join(persona.scopes),
            "name": name.get(persona.locale),
            "locale": persona.locale,
        }

    async def rotate(self, request: Request) -> Response:
        """`POST /_sandbox/rotate`: signs with a new key; the one before it stays in the JWKS."""
        self._keys = [SigningKey(), *self._keys][:_KEPT_KEYS]
        return JSONResponse({"kid": self._keys[0].kid})

    async def personas(self, request: Request) -> Response:
        """`/_sandbox/personas`: who one can be, in both languages."""
        return JSONResponse(
            [
                {
                    "name": name,
                    "title": {"en": persona.title.en, "zh-CN": persona.title.zh},
                    "description": {"en": persona.about.en, "zh-CN": persona.about.zh},
                }
                for name, persona in self._city.personas.items()
            ]
        )

    async def residents(self, request: Request) -> Response:
        """`/_sandbox/residents`: everybody who lives here, by id, in both languages."""
        return JSONResponse(
            [
                {"id": person.id, "name": {"en": person.name.en, "zh-CN": person.name.zh}}
                for person in self._city.persons.values()
                if not person.died
            ]
        )

    async def calls(self, request: Request) -> Response:
        """`/_sandbox/calls`: how many tokens were issued."""
        if request.method == "DELETE":
            self._tokens = 0
        return JSONResponse({"total": 0, "operations": {}, "tokens": self._tokens})

    async def health(self, request: Request) -> Response:
        """`/_sandbox/health`."""
        return JSONResponse({"name": "issuer", "status": "up"})


def build(city: City, address: str) -> Starlette:
    """The issuer of `city`, whose issuer name is the address it is served at."""
    issuer = Issuer(city, address)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", issuer.discovery),
            Route("/jwks", issuer.jwks),
            Route("/token", issuer.token, methods=["POST"]),
            Route("/_sandbox/rotate", issuer.rotate, methods=["POST"]),
            Route("/_sandbox/personas", issuer.personas),
            Route("/_sandbox/residents", issuer.residents, methods=["GET"]),
            Route("/_sandbox/calls", issuer.calls, methods=["GET", "DELETE"]),
            Route("/_sandbox/health", issuer.health),
        ],
        max_body_size=LARGEST_BODY,
    )


def narrowed(persona: Persona, form: Mapping[str, str]) -> Persona:
    """The persona with what `scope` asks for instead of everything, and known no better than `acr` says.

    Raises: ValueError for what the persona cannot have.
    """
    allowed = (*persona.scopes, *DOMAINS)
    scopes = tuple(form["scope"].split()) if "scope" in form else persona.scopes
    if unknown := [scope for scope in scopes if scope not in allowed]:
        raise ValueError(f"scope: {unknown[0]!r} is none of {', '.join(allowed)}")
    levels = LEVELS[: LEVELS.index(persona.assurance) + 1]
    assurance = form.get("acr", persona.assurance)
    if assurance not in levels:
        raise ValueError(f"acr: none of {', '.join(levels)}")
    return replace(persona, scopes=scopes, assurance=assurance)


def _refused(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=400)
