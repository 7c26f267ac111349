"""An Open311 server's resources, one method each."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from adapters.contract.errors import BadReply
from adapters.contract.transport import Reply, Request, Transport, current_call, read_apart
from adapters.products.open311.codec import Format, fit, read, read_documented
from adapters.products.open311.documented import are_documented_requests, are_documented_updates
from adapters.products.open311.faults import error_of, inner_error
from adapters.products.open311.wire import (
    Receipt,
    Service,
    ServiceDefinition,
    ServiceRequest,
    Update,
    UpdateReceipt,
)

T = TypeVar("T")
Pairs = Sequence[tuple[str, str]]
_SUCCESS = frozenset({200, 201})


class Open311:
    """One GeoReport v2 endpoint, in the caller's language.

    Every method raises Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, Rejected, NotFound or
    BadReply. A Rejected has the server's own codes as its problems' codes; the department gives them their paths.
    """

    def __init__(self, transport: Transport, *, api_key: str, written: Format = Format.JSON) -> None:
        self._transport = transport
        self._api_key = api_key
        self._written = written

    async def services(self) -> tuple[Service, ...]:
        """`GET services`: what can be reported."""
        return await self._get("services", root="services", into=tuple[Service, ...])

    async def definition(self, service_code: str) -> ServiceDefinition:
        """`GET services/{code}`: the questions that a service asks."""
        path = f"services/{quote(service_code, safe='')}"
        return await self._get(path, root="service_definition", into=ServiceDefinition)

    async def requests_of(self, account_id: str) -> tuple[ServiceRequest, ...]:
        """`GET requests?account_id=`, an extension: all requests of one account.

        A server without the extension answers everybody's requests; that every entry names the account proves that
        it has it.

        Raises: BadReply when an entry is of another account or of none.
        """
        found = await self._requests("requests", (("account_id", account_id),))
        if {each.account_id for each in found} - {account_id}:
            raise BadReply("the reply has a request that is not of the account asked for")
        return found

    async def request(self, service_request_id: str) -> ServiceRequest:
        """`GET requests/{id}`. Raises: NotFound."""
        return _only(await self._requests(f"requests/{quote(service_request_id, safe='')}", ()))

    async def receipt(self, token: str) -> Receipt:
        """`GET tokens/{token}`: the id that a token stands for, without one while it is to come. Raises: NotFound."""
        path = f"tokens/{quote(token, safe='')}"
        return _only(await self._get(path, root="service_requests", into=tuple[Receipt, ...]))

    async def updates(self, service_request_ids: Sequence[str]) -> tuple[Update, ...]:
        """`GET servicerequestupdates?service_request_id=a,b`, where the filter is an extension."""
        query = (("service_request_id", ",".join(service_request_ids)),)

        def taken(reply: Reply) -> tuple[Update, ...]:
            found = read_documented(reply.body, self._written, tuple[Update, ...], are_documented_updates)
            return self._fit(reply, "service_request_updates", tuple[Update, ...]) if found is None else found

        return await read_apart(await self._reply("servicerequestupdates", query), taken)

    async def submit(self, form: Pairs) -> Receipt:
        """`POST requests`. Raises: Rejected with one problem per entry of the server's answer."""
        return _only(await self._post("requests", form, root="service_requests", into=tuple[Receipt, ...]))

    async def submit_update(self, form: Pairs) -> UpdateReceipt:
        """`POST servicerequestupdates`. Raises: Rejected as `submit`; NotFound."""
        root = "service_request_updates"
        return _only(await self._post("servicerequestupdates", form, root=root, into=tuple[UpdateReceipt, ...]))

    async def _requests(self, path: str, query: tuple[tuple[str, str], ...]) -> tuple[ServiceRequest, ...]:
        def taken(reply: Reply) -> tuple[ServiceRequest, ...]:
            found = read_documented(reply.body, self._written, tuple[ServiceRequest, ...], are_documented_requests)
            return self._fit(reply, "service_requests", tuple[ServiceRequest, ...]) if found is None else found

        return await read_apart(await self._reply(path, query), taken)

    async def _get(self, path: str, *, root: str, into: type[T]) -> T:
        return await read_apart(await self._reply(path), lambda reply: self._fit(reply, root, into))

    def _reply(self, path: str, query: tuple[tuple[str, str], ...] = ()) -> Coroutine[Any, Any, Reply]:
        headers = {"x-api-key": self._api_key} if query else {}  # in a header, so that no log of addresses has it
        request = Request(method="GET", path=self._resource(path), query=query, headers={**self._accept(), **headers})
        return self._send(request)

    async def _post(self, path: str, form: Pairs, *, root: str, into: type[T]) -> T:
        body = urlencode([("api_key", self._api_key), *form]).encode()
        headers = {**self._accept(), "content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        request = Request(method="POST", path=self._resource(path), headers=headers, body=body)
        return await read_apart(await self._send(request), lambda reply: self._fit(reply, root, into))

    async def _send(self, request: Request) -> Reply:
        reply = await self._transport.send(request)
        if reply.status not in _SUCCESS:
            raise error_of(reply, self._written)
        return reply

    def _fit(self, reply: Reply, root: str, into: type[T]) -> T:
        data = read(reply.body, self._written, root)
        error = inner_error(data, reply)
        if error is not None:
            raise error
        return fit(data, into)

    def _resource(self, path: str) -> str:
        return f"/{path}.{self._written.value}"

    def _accept(self) -> dict[str, str]:
        return {"accept": self._written.media_type, "accept-language": current_call().locale}


def _only(entries: tuple[T, ...]) -> T:
    if len(entries) != 1:
        raise BadReply(f"the reply has {len(entries)} entries where it must have 1")
    return entries[0]
