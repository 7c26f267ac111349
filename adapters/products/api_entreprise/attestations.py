"""The attestations of API Entreprise v4, and what its failures mean."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote

import msgspec

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    QuotaExceeded,
    Rejected,
    TimedOut,
    TryLater,
    Unavailable,
)
from adapters.contract.transport import Reply, Request, Transport, current_call, read_apart
from adapters.products.api_entreprise.wire import Document, Failure, FiscalAttestation, SocialAttestation
from adapters.products.replies import decode, error_for, retry_after

T = TypeVar("T")
MISSING = "003"
"""What a code ends with when the thing does not exist, is not known, or is not up to date."""
KINDS: dict[str, type[TryLater]] = {
    "000": Unavailable,
    "001": Unavailable,
    "002": TimedOut,
    "008": QuotaExceeded,
    "011": Unavailable,
    "020": Maintenance,
    "999": Unavailable,
}
"""By the last three digits of a code; any other leaves it to the status."""


class Asker(msgspec.Struct, frozen=True):
    """Why an attestation is asked for, which the API wants with every call; `recipient` is a SIRET of 14 digits."""

    recipient: str
    context: str
    object: str


class Attestations:
    """The attestations of one company or person. Every method answers None where there is none to be had.

    Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, Rejected, BadReply.
    """

    def __init__(self, transport: Transport, asker: Asker) -> None:
        self._transport = transport
        self._query = tuple(msgspec.structs.asdict(asker).items())

    async def fiscal(self, siren: str) -> FiscalAttestation | None:
        """`attestation_fiscale` of the DGFIP."""
        return await self._get(
            f"/v4/dgfip/unites_legales/{quote(siren, safe='')}/attestation_fiscale", FiscalAttestation
        )

    async def social(self, siren: str) -> SocialAttestation | None:
        """`attestation_vigilance` of the Urssaf."""
        return await self._get(
            f"/v4/urssaf/unites_legales/{quote(siren, safe='')}/attestation_vigilance", SocialAttestation
        )

    async def _get(self, path: str, into: type[T]) -> T | None:
        call = current_call()
        headers = {"Accept": "application/json", "Accept-Language": call.locale, "CorrelationId": call.id}
        reply = await self._transport.send(Request(method="GET", path=path, query=self._query, headers=headers))
        if reply.status == 404:
            _require_missing(reply)
            return None
        if reply.status != 200:
            raise failure(reply)
        try:
            return (await read_apart(reply, lambda reply: decode(reply.body, Document[into]))).data  # type: ignore[valid-type]
        except BadReply as bad:
            raise (_by_code(reply) or bad) from None


def failure(reply: Reply) -> AdapterError:
    """The error that a failed reply stands for; a body in other words leaves the status to say it."""
    code = _code(reply)
    if reply.status == 451:
        return Rejected("the department may not say anything about this company", wire_code=code)
    return _by_code(reply) or error_for(reply, wire_code=code)


def _by_code(reply: Reply) -> AdapterError | None:
    code = _code(reply)
    kind = KINDS.get(code[2:]) if code else None
    if kind is None:
        return None
    reason, wait = f"the department answered HTTP {reply.status}", retry_after(reply)
    if issubclass(kind, Maintenance):
        until = None if wait is None else current_call().at + timedelta(seconds=wait)
        return kind(reason, wire_code=code, retry_after=wait, until=until)
    return kind(reason, wire_code=code, retry_after=wait)


def _require_missing(reply: Reply) -> None:
    """A 404 that is not the API's own says nothing about a company."""
    code = _code(reply)
    if code is None or not code.endswith(MISSING):
        raise BadReply("the reply is an HTTP 404 without the API's own code", wire_code=code)


def _code(reply: Reply) -> str | None:
    try:
        return msgspec.json.decode(reply.body, type=Failure).errors[0].code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
