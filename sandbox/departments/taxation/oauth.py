"""The token endpoint (RFC 6749, client credentials) and who a token stands for."""

import hmac
import secrets
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.departments.taxation.failures import INVALID_CREDENTIALS, MISSING_CREDENTIALS, Refused
from sandbox.kit import FormError, form_fields

CLIENT_ID = "citygate"
CLIENT_SECRET = "sandbox"  # noqa: S105  everybody may know it
LIFETIME = 14400
SCOPES = frozenset({"read:vat", "write:vat"})
MOST_TOKENS = 1000
BEARER = "bearer "


class Authority:
    """Gives tokens out and knows them again."""

    def __init__(self) -> None:
        self._expiry: dict[str, float] = {}

    def reset(self) -> None:
        """Every token given out so far stops to be one."""
        self._expiry.clear()

    async def token(self, request: Request) -> Response:
        """`POST /oauth/token`."""
        try:
            form = await form_fields(request)
        except FormError:
            return _error(400, "invalid_request")
        if form.get("grant_type") != "client_credentials":
            return _error(400, "unsupported_grant_type")
        if not _known(form.get("client_id", ""), form.get("client_secret", "")):
            return _error(401, "invalid_client")
        scopes = form.get("scope", "read:vat").split()
        if not SCOPES.issuperset(scopes):
            return _error(400, "invalid_scope")
        answer = {"access_token": self._issue(), "token_type": "bearer", "expires_in": LIFETIME}
        return JSONResponse(answer | {"scope": " ".join(scopes)}, headers={"Cache-Control": "no-store"})

    def require_client(self, request: Request) -> str:
        """The client that a request's token was given to. Raises: Refused."""
        header = request.headers.get("authorization", "")
        if not header.lower().startswith(BEARER):
            raise Refused(401, MISSING_CREDENTIALS)
        if self._expiry.get(header[len(BEARER) :].strip(), 0.0) <= time.monotonic():
            raise Refused(401, INVALID_CREDENTIALS)
        return CLIENT_ID

    def _issue(self) -> str:
        if len(self._expiry) >= MOST_TOKENS:
            del self._expiry[next(iter(self._expiry))]
        token = secrets.token_urlsafe(30)
        self._expiry[token] = time.monotonic() + LIFETIME
        return token


def _known(client_id: str, client_secret: str) -> bool:
    return client_id == CLIENT_ID and hmac.compare_digest(client_secret.encode(), CLIENT_SECRET.encode())


def _error(status: int, code: str) -> Response:
    return JSONResponse({"error": code, "error_description": code.replace("_", " ")}, status_code=status)
