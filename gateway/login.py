"""Documents of the login service: discovery, keys, and the sandbox's persona tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from adapters.contract.transport import Request, Transport

PATIENCE = 5.0


class NotAnswered(Exception):
    """The login service answered with a status other than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the login service answered HTTP {status}")
        self.status = status


class LoginService:
    """Gets documents by URL; `connect` gives a transport for an origin such as `https://login.example.org`."""

    def __init__(self, connect: Callable[[str], Transport]) -> None:
        self._connect = connect
        self._transports: dict[str, Transport] = {}

    async def get(self, url: str) -> bytes:
        """A document. Raises: AdapterError, TimeoutError, NotAnswered."""
        parts = urlsplit(url)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        return await self._send(url, Request(method="GET", path=parts.path, query=query))

    async def post_form(self, url: str, form: Mapping[str, str]) -> dict[str, object]:
        """A JSON object in answer to a form. Raises: as `get`."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = Request(method="POST", path=urlsplit(url).path, headers=headers, body=urlencode(form).encode())
        return msgspec.json.decode(await self._send(url, request), type=dict[str, object])

    async def _send(self, url: str, request: Request) -> bytes:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._transports:
            self._transports[origin] = self._connect(origin)
        async with asyncio.timeout(PATIENCE):
            reply = await self._transports[origin].send(request)
        if reply.status != 200:
            raise NotAnswered(reply.status)
        return reply.body
