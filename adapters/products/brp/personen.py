"""Consulting persons by number: `POST /personen` of type RaadpleegMetBurgerservicenummer (BRP API Personen 2.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from adapters.contract.errors import BadReply
from adapters.contract.transport import Request, Transport, current_call, read_apart, together
from adapters.products.brp.failures import failure
from adapters.products.brp.wire import MOST_NUMBERS, Persoon, RaadpleegMetBurgerservicenummer, RaadpleegResponse
from adapters.products.replies import decode

T = TypeVar("T")
JSON = "application/json; charset=utf-8"


class Logging(msgspec.Struct, frozen=True, kw_only=True):
    """What the register writes down about each use: who asks (`client`) and what for (`purpose`)."""

    client: str
    purpose: str


class Personen:
    """The register of persons, as consulted by one client. `api_key` is sent where the register wants one."""

    def __init__(self, transport: Transport, *, logging: Logging, api_key: str | None = None) -> None:
        self._transport = transport
        self._logging = logging
        self._api_key = api_key

    async def by_numbers(self, numbers: Sequence[str], fields: Sequence[str]) -> tuple[Persoon, ...]:
        """The persons who have these numbers (nine digits each); who is not registered is left out.

        `fields` are paths of `Persoon` and must have `burgerservicenummer`. One call per 20 numbers, side by side.
        Raises: what the transport raises; Rejected with a problem per parameter, Unauthorised, QuotaExceeded,
        Maintenance, Unavailable, BadReply.
        """
        distinct = tuple(dict.fromkeys(numbers))
        batches = [distinct[at : at + MOST_NUMBERS] for at in range(0, len(distinct), MOST_NUMBERS)]
        replies = await together([self._consult(batch, tuple(fields)) for batch in batches])
        return tuple(person for persons in replies for person in persons)

    async def get(self, path: str, query: tuple[tuple[str, str], ...], kind: type[T]) -> T:
        """A resource that a register has beside the contract's. Raises: as `by_numbers`."""
        reply = await self._transport.send(Request(method="GET", path=path, query=query, headers=self._headers()))
        if reply.status != 200:
            raise failure(reply)
        return await read_apart(reply, lambda reply: decode(reply.body, kind))

    async def _consult(self, numbers: tuple[str, ...], fields: tuple[str, ...]) -> tuple[Persoon, ...]:
        query = RaadpleegMetBurgerservicenummer(numbers, fields)
        body, headers = msgspec.json.encode(query), {**self._headers(), "Content-Type": JSON}
        reply = await self._transport.send(Request(method="POST", path="/personen", headers=headers, body=body))
        if reply.status != 200:
            raise failure(reply)
        persons = (await read_apart(reply, lambda reply: decode(reply.body, RaadpleegResponse))).personen
        _verify(persons, numbers)
        return persons

    def _headers(self) -> Mapping[str, str]:
        """The logging headers are those that Dutch municipalities send through their gateways."""
        call = current_call()
        headers = {
            "Accept": JSON,
            "Accept-Language": call.locale,
            "X-Correlation-Id": call.id,
            "X-Origin-OIN": self._logging.client,
            "X-Doelbinding": self._logging.purpose,
            "X-Verwerking": call.operation,
        }
        if call.user is not None:
            headers["X-Gebruiker"] = call.user
        if self._api_key:
            headers["X-API-KEY"] = self._api_key
        return headers


def _verify(persons: Sequence[Persoon], numbers: Sequence[str]) -> None:
    counts = Counter(person.burgerservicenummer for person in persons)
    if not counts.keys() <= set(numbers):
        raise BadReply("the reply has a person who was not asked for")
    if any(count > 1 for count in counts.values()):
        raise BadReply("the reply has two persons for one number")
