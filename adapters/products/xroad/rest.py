"""The X-Road message protocol for REST (PR-REST 1.0): a department's own REST calls inside X-Road's envelope."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from adapters.contract.errors import BadReply
from adapters.contract.transport import Reply, Request, Transport, current_call
from adapters.products.xroad.failures import failure
from adapters.products.xroad.identifiers import Member, Service, message_id_of, user_id


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's own request: `path` follows the service's identifier and is percent-encoded already.

    `issue` is our reference of what caused the request. `part` numbers the messages of one call from 0, because no
    two messages may share an id.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    issue: str | None = None
    part: int = 0


class XRoadRest:
    """One service behind X-Road, as called by one consumer."""

    def __init__(self, transport: Transport, *, client: Member, service: Service) -> None:
        self._transport = transport
        self.client = client
        self.service = service
        self._client_name, self._service_path = quote(str(client)), f"/r1/{service.path}"

    async def send(self, message: Message) -> Reply:
        """The provider's own reply, whatever its status.

        Raises: what the transport raises; Unavailable, TimedOut, Maintenance, Unauthorised, Rejected, NotOffered for
        X-Road's own failures; BadReply when a successful reply does not belong to this message.
        """
        message_id = message_id_of(current_call(), message.part)
        reply = await self._transport.send(self._request(message, message_id))
        error = reply.headers.get("x-road-error")
        if error is not None:
            raise failure(error)
        if reply.status < 400:
            _verify(reply, message_id)
        return reply

    def _request(self, message: Message, message_id: str) -> Request:
        call = current_call()
        envelope = {"X-Road-Client": self._client_name, "X-Road-Id": message_id}
        if call.user is not None:
            envelope["X-Road-UserId"] = quote(user_id(call.user))
        if message.issue is not None:
            envelope["X-Road-Issue"] = quote(message.issue)
        return Request(
            method=message.method,
            path=f"{self._service_path}{message.path}",
            query=message.query,
            headers={**message.headers, **envelope},
            body=message.body,
        )


def _verify(reply: Reply, message_id: str) -> None:
    """The provider's security server returns our id, and names the exchange by one of its own (PR-REST 4.3)."""
    if reply.headers.get("x-road-id") != message_id:
        raise BadReply("the reply's X-Road-Id is not the request's")
    for name in ("x-road-request-id", "x-road-request-hash"):
        if not reply.headers.get(name):
            raise BadReply(f"the reply has no {name}: it did not come through X-Road")
