"""The provider's side of X-Road's message protocol for REST: what the security servers check and add."""

import base64
import hashlib
from urllib.parse import unquote
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.kit.department import Handler

SERVICE = "CITY/GOV/2001/registration/registrations"
PATH = "/r1/{instance}/{member_class}/{member}/{subsystem}/{service}"
CLIENTS = "CITY/GOV/"
_CLIENT_PARTS = (3, 4)


def failed(kind: str, message: str, *, status: int = 500) -> Response:
    """A failure of X-Road itself: the type in the header and in the body."""
    body = {"type": kind, "message": message, "detail": str(uuid4())}
    return JSONResponse(body, status_code=status, headers={"X-Road-Error": kind})


def enveloped(handler: Handler) -> Handler:
    """The handler behind the security servers: refuses what they refuse, stamps what the provider answers."""

    async def endpoint(request: Request) -> Response:
        return _refusal(request) or stamped(request, await handler(request))

    return endpoint


def stamped(request: Request, response: Response) -> Response:
    """The provider's answer with the headers that the provider's security server adds."""
    response.headers["X-Road-Client"] = request.headers.get("x-road-client", "")
    response.headers["X-Road-Service"] = SERVICE
    response.headers["X-Road-Id"] = request.headers.get("x-road-id") or f"CITY-{uuid4()}"
    response.headers["X-Road-Request-Id"] = str(uuid4())
    response.headers["X-Road-Request-Hash"] = _request_hash(request)
    return response


def _refusal(request: Request) -> Response | None:
    client = unquote(request.headers.get("x-road-client", ""))
    if len(client.split("/")) not in _CLIENT_PARTS or not all(client.split("/")):
        return failed("Client.BadRequest", "X-Road-Client is not INSTANCE/CLASS/MEMBER[/SUBSYSTEM]", status=400)
    asked = "/".join(
        request.path_params[name] for name in ("instance", "member_class", "member", "subsystem", "service")
    )
    if asked != SERVICE:
        return failed("Server.ServerProxy.UnknownService", f"Unknown service: SERVICE:{asked}")
    if not client.startswith(CLIENTS):
        return failed("Server.ServerProxy.AccessDenied", f"Request is not allowed: SERVICE:{asked}")
    return None


def _request_hash(request: Request) -> str:
    lines = [f"{request.method} {request.url.path}", *(f"{name}:{value}" for name, value in request.headers.items())]
    digest = hashlib.sha512("\r\n".join(lines).encode()).digest()
    body: bytes = getattr(request, "_body", b"")
    if body:
        digest = hashlib.sha512(digest + hashlib.sha512(body).digest()).digest()
    return base64.b64encode(digest).decode()
