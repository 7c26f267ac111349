"""The calls of VAT (MTD) 1.0, one method each."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import TypeVar
from urllib.parse import quote

import msgspec

from adapters.contract.errors import BadReply
from adapters.contract.transport import Reply, Request, Transport, current_call, read_apart
from adapters.products.hmrc.failures import failure, inner_failure
from adapters.products.hmrc.wire import (
    Liabilities,
    Liability,
    Obligation,
    Obligations,
    ObligationStatus,
    Payment,
    PaymentOrder,
    Payments,
    PaymentStarted,
)
from adapters.products.replies import decode

T = TypeVar("T")
ACCEPT = "application/vnd.hmrc.1.0+json"
CORRELATION = "x-correlationid"
MOST_DAYS = 365
"""The longest range of dates that `liabilities` and `payments` may ask for."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Vat:
    """The API, in the caller's language.

    Every method raises Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, Rejected, BadReply,
    NotOffered, and NotFound when the department knows nothing of the taxpayer. `test_scenario` is for the
    department's test environment only: it travels as `Gov-Test-Scenario`.
    """

    def __init__(self, transport: Transport, *, test_scenario: str | None = None) -> None:
        self._transport = transport
        self._test_scenario = test_scenario

    async def open_obligations(self, vrn: str) -> tuple[Obligation, ...]:
        """`GET …/obligations?status=O`, which needs no dates."""
        found = (await self._get(vrn, "obligations", (("status", "O"),), Obligations)).obligations
        for index, each in enumerate(found):
            if each.status is not ObligationStatus.OPEN:
                raise BadReply(f"$.obligations[{index}].status is not the one that was asked for")
        return found

    async def liabilities(self, vrn: str, *, first: date, last: date) -> tuple[Liability, ...]:
        """`GET …/liabilities` of periods that end in a range of at most `MOST_DAYS`."""
        return (await self._get(vrn, "liabilities", _range(first, last), Liabilities)).liabilities

    async def payments(self, vrn: str, *, first: date, last: date) -> tuple[Payment, ...]:
        """`GET …/payments` in a range of at most `MOST_DAYS`."""
        return (await self._get(vrn, "payments", _range(first, last), Payments)).payments

    async def start_payment(self, vrn: str, order: PaymentOrder) -> PaymentStarted:
        """`POST …/payments`. Raises: Rejected with one problem per fault, its path as in the body."""
        headers = {**self._headers(), "Content-Type": "application/json"}
        body = _ENCODER.encode(order)
        request = Request(method="POST", path=_path(vrn, "payments"), headers=headers, body=body)
        return await self._send(request, PaymentStarted, accepted=(201,))

    async def _get(self, vrn: str, what: str, query: tuple[tuple[str, str], ...], into: type[T]) -> T:
        return await self._send(
            Request(method="GET", path=_path(vrn, what), query=query, headers=self._headers()), into
        )

    async def _send(self, request: Request, into: type[T], *, accepted: Collection[int] = (200,)) -> T:
        reply = await self._transport.send(request)
        if reply.status not in accepted:
            raise failure(reply)
        try:
            answer = await read_apart(reply, lambda reply: decode(reply.body, into))
        except BadReply as bad:
            raise (inner_failure(reply) or bad) from None
        _require_correlation(reply)
        return answer

    def _headers(self) -> dict[str, str]:
        call = current_call()
        headers = {"Accept": ACCEPT, "Accept-Language": call.locale, "CorrelationId": call.id}
        return headers | ({"Gov-Test-Scenario": self._test_scenario} if self._test_scenario else {})


def _path(vrn: str, what: str) -> str:
    return f"/organisations/vat/{quote(vrn, safe='')}/{what}"


def _range(first: date, last: date) -> tuple[tuple[str, str], ...]:
    return (("from", first.isoformat()), ("to", last.isoformat()))


def _require_correlation(reply: Reply) -> None:
    """Every success names its exchange by a UUID of 36 characters; one without did not come from the platform."""
    if not _UUID.fullmatch(reply.headers.get(CORRELATION, "")):
        raise BadReply("the reply has no X-CorrelationId of 36 characters")
