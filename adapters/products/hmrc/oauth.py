"""A transport that carries an OAuth 2.0 token of the client credentials grant (RFC 6749, 4.4)."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from adapters.contract.errors import AdapterError, BadReply, TimedOut, Unauthorised
from adapters.contract.transport import Reply, Request, Transport, current_call
from adapters.products.hmrc.failures import failure, inner_failure
from adapters.products.replies import decode

TOKEN_PATH = "/oauth/token"  # noqa: S105  an address
SCOPE = "read:vat write:vat"
LONGEST_RENEWAL = 5.0
MARGIN = 60.0
"""Seconds before its end at which a token is renewed; for a short-lived one a tenth of its life."""
_NOT_ABOUT_CREDENTIALS = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who the gateway is at the department; the secret is in no text form of it."""

    client_id: str
    client_secret: str = field(repr=False)


class Granted(msgspec.Struct, frozen=True):
    """The token endpoint's answer (RFC 6749, 5.1)."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-._~+/]+=*$", max_length=4096)]
    token_type: str
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=366 * 86400)]

    def __post_init__(self) -> None:
        if self.token_type.lower() != "bearer":
            raise ValueError("token_type is not bearer")


class Denied(msgspec.Struct, frozen=True):
    """The token endpoint's refusal (RFC 6749, 5.2)."""

    error: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,60}$")]


@dataclass(frozen=True, slots=True)
class Token:
    """A token and when to get the next one."""

    header: str = field(repr=False)
    renew_at: datetime


class BearerTransport:
    """Sends with a token that all its calls share.

    The token is fetched once for concurrent calls, renewed before it ends, and renewed once when a call is
    answered 401. A caller who goes away does not stop a renewal that others wait for.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        self._transport = transport
        self._credentials = credentials
        self._token: Token | None = None
        self._renewal: asyncio.Task[Token] | None = None

    async def send(self, request: Request) -> Reply:
        """As the contract says. Raises also: Unauthorised when the department refuses the credentials."""
        token = await self._current()
        reply = await self._transport.send(_with(request, token))
        if reply.status == 401:
            if self._token is token:
                self._token = None
            reply = await self._transport.send(_with(request, await self._current()))
        return reply

    async def _current(self) -> Token:
        if self._token is not None and current_call().at < self._token.renew_at:
            return self._token
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
        try:
            return await asyncio.shield(self._renewal)
        except AdapterError as exc:
            raise copy.copy(exc) from exc  # each caller writes its own operation on its own error

    async def _renew(self) -> Token:
        try:
            async with asyncio.timeout(LONGEST_RENEWAL):
                self._token = await self._fetch()
        except TimeoutError as exc:
            raise TimedOut(f"no token within {LONGEST_RENEWAL:g} s") from exc
        finally:
            self._renewal = None
        return self._token

    async def _fetch(self) -> Token:
        call = current_call()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": SCOPE,
        }
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "CorrelationId": call.id,
        }
        body = urlencode(form).encode()
        reply = await self._transport.send(
            Request(method="POST", path=TOKEN_PATH, headers=headers, body=body, counts=False)
        )
        granted = _granted(reply)
        lasts = granted.expires_in - min(MARGIN, granted.expires_in / 10)
        return Token(f"Bearer {granted.access_token}", call.at + timedelta(seconds=lasts))


def _with(request: Request, token: Token) -> Request:
    return msgspec.structs.replace(request, headers={**request.headers, "Authorization": token.header})


def _granted(reply: Reply) -> Granted:
    if 400 <= reply.status < 500 and reply.status not in _NOT_ABOUT_CREDENTIALS:
        raise Unauthorised("the department refuses the gateway's client id and secret", wire_code=_error(reply))
    if reply.status != 200:
        raise failure(reply)
    try:
        return decode(reply.body, Granted)
    except BadReply as bad:
        raise (inner_failure(reply) or bad) from None


def _error(reply: Reply) -> str | None:
    try:
        return msgspec.json.decode(reply.body, type=Denied).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
