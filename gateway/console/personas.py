"""The sandbox's personas and their tokens, passed on from its issuer; without a sandbox there is neither."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PERSONA_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class PersonaUnknown(LookupError):
    """The issuer knows no persona of that name."""


class IssuerUnavailable(Exception):
    """The issuer cannot be reached or answered with an error."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The two questions that the console asks the sandbox's issuer.

    `list_personas` returns `[{"name", "title": {"en", "zh-CN"}, "description": {"en", "zh-CN"}}]`;
    `issue_token` takes a persona's name and returns `{"access_token", "expires_in"}` (RFC 6749, 5.1).
    Both raise IssuerUnavailable; `issue_token` raises PersonaUnknown.
    """

    list_personas: Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
    issue_token: Callable[[str], Awaitable[Mapping[str, Any]]]


def sandbox_routes(sandbox: Sandbox) -> list[Route]:
    """Routes for the personas and their tokens: `GET /sandbox/personas`, `POST /sandbox/personas/NAME/token`."""

    async def personas(_request: Request) -> JSONResponse:
        try:
            return JSONResponse(list(await sandbox.list_personas()), headers=NO_STORE)
        except IssuerUnavailable:
            return _issuer_unavailable()

    async def token(request: Request) -> JSONResponse:
        name = request.path_params["name"]
        if not _PERSONA_NAME.fullmatch(name):
            return _persona_unknown()
        try:
            issued = await sandbox.issue_token(name)
        except PersonaUnknown:
            return _persona_unknown()
        except IssuerUnavailable:
            return _issuer_unavailable()
        if not {"access_token", "expires_in"} <= issued.keys():
            return _issuer_unavailable()
        answer = {"access_token": issued["access_token"], "expires_in": issued["expires_in"]}
        return JSONResponse(answer, headers=NO_STORE)

    return [
        Route("/sandbox/personas", personas),
        Route("/sandbox/personas/{name}/token", token, methods=["POST"]),
    ]


def _persona_unknown() -> JSONResponse:
    return JSONResponse({"error": "the sandbox has no persona of this name"}, 404, NO_STORE)


def _issuer_unavailable() -> JSONResponse:
    return JSONResponse({"error": "the sandbox's token issuer does not answer"}, 502, NO_STORE)
