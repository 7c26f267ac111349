"""From the citizen API's error codes to the error tree; a code that is known wins over the reply's status."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

import msgspec

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    TryLater,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import Reply, current_call
from adapters.products.replies import decode, error_for, retry_after
from adapters.products.zms.problems import MENDABLE

KINDS: Mapping[str, type[AdapterError]] = {
    "appointmentNotFound": NotFound,
    "invalidProcessId": NotFound,
    "invalidAuthKey": NotFound,
    "authKeyMismatch": NotFound,
    "noAppointmentForThisDay": NotFound,
    "noAppointmentForThisScope": NotFound,
    "rateLimitExceeded": QuotaExceeded,
    "serviceUnavailable": Maintenance,
    "zmsClientCommunicationError": Unavailable,
    "internalError": Unavailable,
    "processDeleteFailed": Unavailable,
    "unknownError": Unavailable,
    "IP_BLACKLISTED": Unauthorised,
    "unauthorized": Unauthorised,
    "securityHeaderViolation": Unauthorised,
    "invalidApiClient": Unauthorised,
    "invalidCredentials": Unauthorised,
    "captchaMissing": Unauthorised,
    "captchaInvalid": Unauthorised,
    "captchaExpired": Unauthorised,
    "captchaVerificationFailed": Unauthorised,
    "captchaVerificationError": Unauthorised,
    "notFound": BadReply,
    "notImplemented": BadReply,
    "requestMethodNotAllowed": BadReply,
    "requestEntityTooLarge": BadReply,
    "invalidRequest": BadReply,
    "MISMATCHED_ARRAYS": BadReply,
    "invalidSchema": BadReply,
    "processInvalid": BadReply,
    "processAlreadyExists": BadReply,
    "scopeNotFound": BadReply,
    "scopesNotFound": BadReply,
    "sourceNotFound": BadReply,
    "departmentNotFound": BadReply,
    "organisationNotFound": BadReply,
    "mailNotFound": BadReply,
}
"""What cannot be mended in the order; `zmscitizenapi/src/Zmscitizenapi/Utils/ErrorMessages.php` lists the codes."""

_PLAIN = frozenset({401, 403, 408, 429})
_NAME = re.compile(r"[A-Za-z_]{1,64}")


class _Fault(msgspec.Struct):
    errorCode: str = ""  # noqa: N815 - as the API writes it


class _Faults(msgspec.Struct):
    errors: Annotated[tuple[_Fault, ...], msgspec.Meta(min_length=1)]


def fault_of(reply: Reply) -> AdapterError:
    """The error that a failed reply stands for: by its codes, else by a status that speaks for itself.

    A 404 or 409 without a code is some proxy's and says nothing about an appointment: that is a BadReply.
    """
    if (fault := inner_fault(reply)) is not None:
        return fault
    if reply.status >= 500 or reply.status in _PLAIN:
        return error_for(reply)
    return BadReply(f"HTTP {reply.status} without an error of the citizen API")


def inner_fault(reply: Reply) -> AdapterError | None:
    """The error that a reply's body tells, whatever its status; None for a body that tells none."""
    try:
        faults = decode(reply.body, _Faults).errors
    except BadReply:
        return None
    codes = [fault.errorCode for fault in faults]
    beyond = next((code for code in codes if code not in MENDABLE), None)
    if beyond is not None:
        return _beyond_mending(reply, beyond)
    return refusal(codes)


def refusal(codes: Sequence[str]) -> Rejected:
    """All that a person can mend, in the caller's language; every code is one of `MENDABLE`."""
    locale = current_call().locale
    problems = tuple(MENDABLE[code].problem(locale) for code in codes)
    return Rejected("the department refuses the order", problems=problems, wire_code=codes[0])


def _beyond_mending(reply: Reply, code: str) -> AdapterError:
    kind = KINDS.get(code)
    wire_code = code if _NAME.fullmatch(code) else None
    reason = "the department answered with an error"
    if kind is None:
        return _unknown(reply, wire_code)
    if code == "authKeyMismatch" and reply.status == 401:
        kind = Unauthorised  # the list's answer to a caller that it does not trust
    if kind is Maintenance:
        return _maintenance(reply, wire_code)
    if issubclass(kind, TryLater):
        return kind(reason, wire_code=wire_code, retry_after=retry_after(reply))
    return kind(reason, wire_code=wire_code)


def _unknown(reply: Reply, wire_code: str | None) -> AdapterError:
    if reply.status < 400:
        return BadReply(f"HTTP {reply.status} with an error that has no known code", wire_code=wire_code)
    return error_for(reply, wire_code=wire_code)


def _maintenance(reply: Reply, wire_code: str | None) -> Maintenance:
    seconds = retry_after(reply)
    until = None if seconds is None else current_call().at + timedelta(seconds=seconds)
    return Maintenance("the department is closed", wire_code=wire_code, retry_after=seconds, until=until)
