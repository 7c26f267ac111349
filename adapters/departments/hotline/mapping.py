"""From Open311's words to complaints and back: pure functions, strict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import attrgetter

from adapters.contract.errors import BadReply, Problem, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.complaints import (
    Complaint,
    ComplaintCategory,
    ComplaintState,
    ComplaintUpdate,
    FileComplaint,
)
from adapters.contract.records import GeoPoint
from adapters.contract.transport import current_call
from adapters.products.open311 import Receipt, Service, ServiceRequest, ServiceType, Update

STATES = {
    "open": ComplaintState.RECEIVED,
    "for_triage": ComplaintState.RECEIVED,
    "reopen": ComplaintState.RECEIVED,
    "investigating": ComplaintState.INVESTIGATING,
    "in_progress": ComplaintState.IN_PROGRESS,
    "planned": ComplaintState.PLANNED,
    "action_scheduled": ComplaintState.PLANNED,
    "internal_referral": ComplaintState.REFERRED,
    "fixed": ComplaintState.FIXED,
    "closed": ComplaintState.CLOSED,
    "no_further_action": ComplaintState.CLOSED,
    "duplicate": ComplaintState.DUPLICATE,
    "not_councils_responsibility": ComplaintState.REFUSED,
    "cancelled": ComplaintState.CANCELLED,
}
_AWAITING = (  # to be found by identity: a member's hash is dear
    ComplaintState.RECEIVED,
    ComplaintState.INVESTIGATING,
    ComplaintState.IN_PROGRESS,
    ComplaintState.PLANNED,
    ComplaintState.REFERRED,
)
_PATHS = {
    "service_code": ("category_code",),
    "description": ("description",),
    "location": ("location",),
    "address_string": ("address",),
    "media_url": ("photo_urls",),
    "last_name": ("name",),
    "phone": ("phone",),
    "email": ("email",),
    "account_id": ("person",),
}
REFERENCE = "reference"
"""The attribute that keeps a form that is sent again from being filed again."""
_REQUESTED = attrgetter("requested_datetime")
_UPDATED = attrgetter("updated_datetime")
_PROBLEM = re.compile(r"(?P<field>[a-z_]+)(\[(?P<attribute>[^\]]+)\])?\.(?P<what>[a-z_]+)")


def to_category(service: Service) -> ComplaintCategory:
    """A service type as a category."""
    return ComplaintCategory(
        code=service.service_code,
        name=service.service_name,
        description=service.description,
        group=service.group,
    )


def to_complaints(requests: Sequence[ServiceRequest], fields: FieldSet) -> tuple[Complaint, ...]:
    """Requests as complaints with the selected personal fields, newest first."""
    newest_first = sorted(requests, key=_REQUESTED, reverse=True)
    return tuple([_to_complaint(request, requests, fields) for request in newest_first])


def _to_complaint(request: ServiceRequest, requests: Sequence[ServiceRequest], fields: FieldSet) -> Complaint:
    state = STATES.get(request.status) or _state(request, requests)
    number = request.service_request_id
    identity = number or request.token
    if identity is None:
        raise _misfit(request, requests, "the reply has neither service_request_id nor token")
    placed = "location" in fields and not (request.lat is None and request.long is None)
    return Complaint(
        id=identity,
        tracking_number=number,
        token=None if number else request.token,
        category_code=request.service_code,
        category_name=request.service_name or request.service_code,
        state=state,
        state_note=request.status_notes if "state_note" in fields else None,
        description=request.description if "description" in fields else None,
        filed_at=request.requested_datetime,
        updated_at=request.updated_datetime,
        expected_at=request.expected_datetime,
        awaiting=request.agency_responsible if state in _AWAITING else None,
        address=request.address if "address" in fields else None,
        location=_location(request, requests) if placed else None,
        photo_url=request.media_url if "photo_url" in fields else None,
    )


def to_updates(asked: Sequence[str], updates: Sequence[Update]) -> dict[str, tuple[ComplaintUpdate, ...]]:
    """The updates of each complaint asked for, oldest first; those that came together stay in the reply's order."""
    found: dict[str, list[ComplaintUpdate]] = {each: [] for each in asked}
    for update in sorted(updates, key=_UPDATED):
        steps = found.get(update.service_request_id)
        if steps is None:
            raise _misfit(update, updates, "the reply has an update of another complaint", ".service_request_id")
        steps.append(_to_update(update, updates))
    return {each: tuple(steps) for each, steps in found.items()}


def _to_update(update: Update, updates: Sequence[Update]) -> ComplaintUpdate:
    return ComplaintUpdate(
        id=update.update_id,
        complaint_id=update.service_request_id,
        state=STATES.get(update.status) or _state(update, updates),
        at=update.updated_datetime,
        text=update.description,
    )


def to_form(order: FileComplaint, reference: str) -> tuple[tuple[str, str], ...]:
    """The form of `POST requests`. A name is not taken apart: which part of it is the family's is not ours to guess."""
    return tuple((name, value) for name, value in _fields(order, reference) if value is not None)


def _fields(order: FileComplaint, reference: str) -> Iterator[tuple[str, str | None]]:
    yield "service_code", order.category_code
    yield "description", order.description
    if order.location:
        yield "lat", f"{order.location.latitude:.6f}"
        yield "long", f"{order.location.longitude:.6f}"
    yield "address_string", order.address
    yield "account_id", order.person
    yield "last_name", order.name
    yield "phone", order.phone
    yield "email", order.email
    for url in order.photo_urls:
        yield "media_url", url
    for code, answer in order.attributes:
        yield f"attribute[{code}]", answer
    yield f"attribute[{REFERENCE}]", reference


def to_filed(order: FileComplaint, receipt: Receipt, service: Service | None, *, reference: str) -> Complaint:
    """What was just filed, from the order and the hotline's receipt.

    Raises: BadReply when the receipt lacks the id or the token that the service's type promises.
    """
    number, token = receipt.service_request_id, None if receipt.service_request_id else receipt.token
    if number is None and token is None and (service is None or service.type is not ServiceType.BLACKBOX):
        raise BadReply("the reply has neither service_request_id nor token - at `$[0]`")
    return Complaint(
        id=number or token or reference,
        tracking_number=number,
        token=token,
        category_code=order.category_code,
        category_name=service.service_name if service else order.category_code,
        state=ComplaintState.RECEIVED,
        state_note=receipt.service_notice,
        description=order.description,
        filed_at=current_call().at,
        updated_at=None,
        expected_at=None,
        awaiting=None,
        address=order.address,
        location=order.location,
        photo_url=order.photo_urls[0] if order.photo_urls else None,
    )


def with_paths(rejected: Rejected) -> Rejected:
    """The hotline's refusal with its codes as problems of the order's fields: `description.missing` is
    `DESCRIPTION_MISSING` at `description`, `attribute[merchant].missing` is `ATTRIBUTE_MISSING` at
    `attributes.merchant`; a code of another shape is `NOT_ACCEPTED` at no field."""
    problems = tuple(_problem(each) for each in rejected.problems)
    return Rejected(rejected.reason, problems=problems, wire_code=rejected.wire_code)


def _problem(raw: Problem) -> Problem:
    match = _PROBLEM.fullmatch(raw.code)
    if not match:
        return Problem("NOT_ACCEPTED", raw.message)
    field, what = match["field"], match["what"]
    path = ("attributes", match["attribute"]) if match["attribute"] else _PATHS.get(field, ())
    if match["attribute"] == REFERENCE:
        path = ("reference",)
    return Problem(f"{field}_{what}".upper(), raw.message, path)


def _state(entry: ServiceRequest | Update, entries: Sequence[object]) -> ComplaintState:
    state = STATES.get(entry.status.lower())
    if state is None:
        raise _misfit(entry, entries, "the reply has an unknown status", ".status")
    return state


def _location(request: ServiceRequest, requests: Sequence[ServiceRequest]) -> GeoPoint:
    latitude, longitude = request.lat, request.long
    if latitude is not None and longitude is not None:
        return GeoPoint(latitude=latitude, longitude=longitude)
    raise _misfit(request, requests, "the reply has half a location")


def _misfit(entry: object, entries: Sequence[object], what: str, field: str = "") -> BadReply:
    """The error about one of the reply's entries, whose place is looked up only now."""
    place = next(at for at, each in enumerate(entries) if each is entry)
    return BadReply(f"{what} - at `$[{place}]{field}`")
