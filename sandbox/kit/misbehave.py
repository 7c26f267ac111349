"""Misbehaviour below any protocol: silence, a closed connection, a garbled answer."""

import asyncio
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORT = "sandbox.transport"


class DroppableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which lets an application close the connection without an answer."""

    def on_message_begin(self) -> None:
        """Hands the connection's transport to the application."""
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        scope[_TRANSPORT] = self.transport


async def hang(request: Request) -> Response:
    """Never answers; returns when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()


async def close_connection(request: Request) -> Response:
    """Closes the connection without an answer."""
    transport: asyncio.Transport = request.scope[_TRANSPORT]
    transport.close()
    return await hang(request)


def garbled(response: Response) -> Response:
    """The same answer with a body that neither a JSON nor an XML parser accepts: cut in half, then `{"<`."""
    body = bytes(response.body)
    return Response(
        body[: len(body) // 2] + b'\x00{"<',
        status_code=response.status_code,
        media_type=response.headers.get("content-type"),
    )
