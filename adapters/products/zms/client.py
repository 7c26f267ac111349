"""The calls of the citizen API, one method each; what they raise is in `adapters.products.zms.faults`."""

from __future__ import annotations

import re
from collections.abc import Coroutine, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from adapters.contract.errors import BadReply, NotFound
from adapters.contract.records import OfficeId, ServiceId
from adapters.contract.transport import Request, Transport, current_call, read_apart
from adapters.products.replies import decode
from adapters.products.zms.faults import fault_of, inner_fault, refusal
from adapters.products.zms.handles import Handle
from adapters.products.zms.wire import Calendar, OfficesAndServices, ThinnedProcess

T = TypeVar("T")
Counts = Mapping[ServiceId, int]
"""How often each service is wanted, by its id."""
CITIZEN_HEADER = "x-citizen-id"
FARTHEST_DAYS = 365
_NUMBER = re.compile(r"[0-9]{1,10}")
_NO_DAYS = frozenset({"noAppointmentForThisDay", "noAppointmentForThisScope"})


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes to an appointment: the fields of `POST /update-appointment/`."""

    family_name: str
    email: str
    telephone: str


class Zms:
    """The citizen API behind a transport.

    A person is named in `X-Citizen-Id`, which only a trusted caller may set; it stands for the login
    (`Authorization: Bearer`) of the public API.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def offices_and_services(self) -> OfficesAndServices:
        """Everything that is offered, and where."""
        return await self._get("/offices-and-services/", OfficesAndServices)

    async def calendar(self, offices: Sequence[OfficeId], services: Counts, *, first: date, last: date) -> Calendar:
        """Free times of several offices for services together; no time at all is a calendar without days.

        Days in the wrong order or too far apart are refused here: the API has no code for them and calls them unknown.
        """
        _require_numbers(offices, services)
        _require_order(first, last)
        query = (
            ("startDate", first.isoformat()),
            ("endDate", last.isoformat()),
            ("officeIds", ",".join(offices)),
            ("serviceIds", ",".join(services)),
            ("serviceCounts", ",".join(map(str, services.values()))),
        )
        try:
            return await self._get("/available-calendar/", Calendar, query=query)
        except NotFound as exc:
            if exc.wire_code not in _NO_DAYS:
                raise
            return Calendar(first.isoformat(), last.isoformat(), ())

    def appointments_of(self, citizen: str) -> Coroutine[Any, Any, tuple[ThinnedProcess, ...]]:
        """A person's confirmed appointments, in no order."""
        return self._get("/my-appointments/", tuple[ThinnedProcess, ...], citizen=citizen)

    async def reserve(self, office: OfficeId, services: Counts, *, at: int) -> ThinnedProcess:
        """Take a time (unix seconds) off the calendar for the office's `reservationDuration`."""
        _require_numbers([office], services)
        body = {
            "timestamp": at,
            "officeId": office,
            "serviceId": list(services),
            "serviceCount": list(services.values()),
        }
        return await self._post("/reserve-appointment/", body)

    async def update(self, handle: Handle, contact: Contact, *, citizen: str) -> ThinnedProcess:
        """Say who comes; from now on the appointment is the person's."""
        body = {
            "familyName": contact.family_name,
            "email": contact.email,
            "telephone": contact.telephone,
        }
        return await self._post("/update-appointment/", _keyed(handle) | body, citizen=citizen)

    async def preconfirm(self, handle: Handle, *, citizen: str) -> ThinnedProcess:
        """Turn a reservation into one that waits for its confirmation."""
        return await self._post("/preconfirm-appointment/", _keyed(handle), citizen=citizen)

    async def confirm(self, handle: Handle, *, citizen: str) -> ThinnedProcess:
        """Make it binding."""
        return await self._post("/confirm-appointment/", _keyed(handle), citizen=citizen)

    async def cancel(self, handle: Handle, *, citizen: str) -> ThinnedProcess:
        """Give it back, from any state before it begins."""
        return await self._post("/cancel-appointment/", _keyed(handle), citizen=citizen)

    def _get(
        self, path: str, into: type[T], *, query: tuple[tuple[str, str], ...] = (), citizen: str | None = None
    ) -> Coroutine[Any, Any, T]:
        return self._send(Request(method="GET", path=path, query=query, headers=_headers(citizen)), into)

    def _post(
        self, path: str, body: Mapping[str, Any], *, citizen: str | None = None
    ) -> Coroutine[Any, Any, ThinnedProcess]:
        headers = _headers(citizen) | {"content-type": "application/json"}
        request = Request(method="POST", path=path, headers=headers, body=msgspec.json.encode(body))
        return self._send(request, ThinnedProcess)

    async def _send(self, request: Request, into: type[T]) -> T:
        reply = await self._transport.send(request)
        if reply.status != 200:
            raise fault_of(reply)
        try:
            return await read_apart(reply, lambda reply: decode(reply.body, into))
        except BadReply as bad:
            fault = inner_fault(reply)  # errors in a reply that looks successful
            if fault is None:
                raise
            raise fault from bad


def _require_numbers(offices: Sequence[OfficeId], services: Counts) -> None:
    """Ids that are no numbers would change the meaning of a comma-separated list, and name nothing anyway."""
    codes = ["invalidOfficeId"] * any(not _NUMBER.fullmatch(each) for each in offices)
    codes += ["EMPTY_SERVICE_ARRAYS"] * (not services)
    codes += ["invalidServiceId"] * any(not _NUMBER.fullmatch(each) for each in services)
    if codes:
        raise refusal(codes)


def _require_order(first: date, last: date) -> None:
    if last < first:
        raise refusal(["startDateAfterEndDate"])
    if (last - first).days > FARTHEST_DAYS:
        raise refusal(["dateRangeTooLarge"])


def _keyed(handle: Handle) -> dict[str, Any]:
    return {"processId": handle.process_id, "authKey": handle.auth_key}


def _headers(citizen: str | None) -> dict[str, str]:
    headers = {"accept": "application/json", "accept-language": current_call().locale}
    return headers | {CITIZEN_HEADER: citizen} if citizen else headers
