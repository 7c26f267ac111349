"""The Registration building block (API 0.1.1) reached through the Information Mediator, which is X-Road."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import msgspec

from adapters.contract.errors import NotFound
from adapters.contract.transport import Reply, current_call
from adapters.products.govstack.failures import failure
from adapters.products.govstack.wire import ApplicationFile, ApplicationListItem, ApplicationSubmit, Service
from adapters.products.replies import decode
from adapters.products.xroad.rest import Message, XRoadRest

T = TypeVar("T")
_UNADDRESSABLE = frozenset({"", ".", ".."})


class Registration:
    """A Registration building block behind one X-Road service."""

    def __init__(self, xroad: XRoadRest) -> None:
        self._xroad = xroad
        self._client_name = str(xroad.client)

    async def services(self) -> tuple[Service, ...]:
        """`GET /services`: all of them."""
        reply = await self._send(Message(method="GET", path="/services", headers=self._headers()))
        return decode(reply.body, tuple[Service, ...])

    async def applications(self, applicant: str, *, part: int = 0) -> tuple[ApplicationListItem, ...]:
        """`GET /applications?applicantId=…`: all files of one applicant, in no order; `part` as in `Message`."""
        query = (("applicantId", applicant),)
        message = Message(method="GET", path="/applications", query=query, headers=self._headers(), part=part)
        return decode((await self._send(message)).body, tuple[ApplicationListItem, ...])

    async def get(self, path: str, query: tuple[tuple[str, str], ...], kind: type[T], *, part: int = 0) -> T:
        """A resource that a bureau has beside the building block's; `part` as in `Message`."""
        message = Message(method="GET", path=path, query=query, headers=self._headers(), part=part)
        return decode((await self._send(message)).body, kind)

    async def submit(self, service_id: str, file: ApplicationSubmit, *, reference: str | None) -> ApplicationFile:
        """`POST /services/{id}/applications`; `reference` travels as X-Road-Issue.

        Raises: Rejected with one problem per field, whose path is the contract's name of it (`formData`, code).
        """
        if service_id in _UNADDRESSABLE:
            raise NotFound("no service has this id")
        message = Message(
            method="POST",
            path=f"/services/{quote(service_id, safe='')}/applications",
            headers={**self._headers(), "Content-Type": "application/json"},
            body=msgspec.json.encode(file),
            issue=reference,
        )
        return decode((await self._send(message)).body, ApplicationFile)

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "Accept-Language": current_call().locale,
            "Information-Mediator-Client": self._client_name,
        }

    async def _send(self, message: Message) -> Reply:
        reply = await self._xroad.send(message)
        if reply.status not in (200, 201):
            raise failure(reply)
        return reply
