"""The one table from what went wrong to what the client is told; everything that is not in it is masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLFormattedError
from opentelemetry.trace import format_trace_id, get_current_span

from adapters.contract import errors
from adapters.contract.city import DepartmentInfo
from gateway.graphql.masking import mask_unexpected
from resolvers.common.errors import Refusal

MESSAGES: Mapping[type[errors.AdapterError], str] = {
    errors.AdapterError: "{title} could not do what was asked.",
    errors.Unavailable: "{title} cannot be reached at present.",
    errors.Unreachable: "{title} cannot be reached at present.",
    errors.Interrupted: "The connection to {title} broke.",
    errors.TimedOut: "{title} did not answer in time.",
    errors.QuotaExceeded: "{title} takes no more calls for a while.",
    errors.Maintenance: "{title} is closed for maintenance.",
    errors.NotRecorded: "The order to {title} could not be recorded and was not sent.",
    errors.Rejected: "{title} did not accept the request.",
    errors.NotFound: "{title} does not have what was asked for.",
    errors.Unauthorised: "{title} refused the gateway's own credentials.",
    errors.BadReply: "{title} gave an answer that cannot be understood.",
    errors.Ambiguous: "{title} got the order, but whether it was carried out is not known yet.",
    errors.NotOffered: "No department of this city offers this.",
}
"""A message for every error of the contract; the code is the department's three letters and the error's kind."""


class ErrorTable:
    """Formats errors for one set of departments."""

    def __init__(self, departments: Iterable[DepartmentInfo]) -> None:
        self._departments = {info.name: info for info in departments}

    def format(self, error: GraphQLError) -> GraphQLFormattedError:
        """One error as the client sees it, with `code`, `retryable` and `traceId`."""
        cause = error.original_error
        if isinstance(cause, errors.AdapterError):
            formatted = self._from_department(error, cause)
        elif isinstance(cause, Refusal):
            formatted = error.formatted
            formatted["extensions"] = {"code": cause.code, "retryable": cause.retryable, **cause.extensions}
        else:
            formatted = mask_unexpected(error)
        context = get_current_span().get_span_context()
        if context.is_valid:
            formatted.setdefault("extensions", {})["traceId"] = format_trace_id(context.trace_id)
        return formatted

    def _from_department(self, error: GraphQLError, cause: errors.AdapterError) -> GraphQLFormattedError:
        info = self._departments.get(cause.department or "")
        formatted = error.formatted
        formatted["message"] = _message(cause).format(title=info.title_en if info else "The department")
        formatted["extensions"] = {
            "code": f"{info.code}_{cause.kind}" if info else cause.kind,
            "department": cause.department,
            "operation": cause.operation,
            "retryable": cause.retryable,
            **_when(cause),
            **({"otherChannel": {"phone": info.phone, "office": info.office}} if info and _has_channel(info) else {}),
        }
        return formatted


def _message(cause: errors.AdapterError) -> str:
    """The row of the error's own class, or of the nearest one above it."""
    return next(MESSAGES[kind] for kind in type(cause).__mro__ if kind in MESSAGES)


def _when(cause: errors.AdapterError) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(cause, errors.TryLater) and cause.retry_after is not None:
        found["retryAfter"] = cause.retry_after
    if isinstance(cause, errors.Maintenance) and cause.until is not None:
        found["maintenanceUntil"] = cause.until.isoformat()
    return found


def _has_channel(info: DepartmentInfo) -> bool:
    return bool(info.phone or info.office)
