"""From the building block's words to the city's records and back: pure functions, strict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from adapters.contract.errors import BadReply, Problem, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.registrations import Registration, RegistrationKind, RegistrationState, StartRegistration
from adapters.contract.records import PersonId
from adapters.products.govstack.wire import (
    ApplicationFile,
    ApplicationListItem,
    ApplicationSubmit,
    FormData,
    Service,
    StatusCode,
)

STATES = {
    StatusCode.PENDING: RegistrationState.PENDING,
    StatusCode.SENDBACK: RegistrationState.SENT_BACK,
    StatusCode.APPROVED: RegistrationState.APPROVED,
    StatusCode.REJECTED: RegistrationState.REJECTED,
}
ORDER_FIELDS = {"applicationName": "title", "applicantId": "person", "documentUrls": "document_urls"}
ANSWERED_TWICE = {"en": "This field is answered more than once.", "zh-CN": "该项填写了多次。"}
FORM = "formData"
FORM_ID = "eFormId"
_NEVER = datetime.min.replace(tzinfo=UTC)


def to_kind(raw: Service) -> RegistrationKind:
    """A kind; the form that the bureau wants now is among the service's properties."""
    form_id = next((each.value for each in raw.serviceBody if each.code == FORM_ID), None)
    return RegistrationKind(id=raw.id, name=raw.name, description=raw.description, form_id=form_id)


def to_registrations(
    items: Iterable[ApplicationListItem], person: PersonId, fields: FieldSet
) -> tuple[Registration, ...]:
    """A person's files with the selected personal fields, newest first.

    Raises: BadReply when one of them is somebody else's.
    """
    found = [_listed(item, f"$[{index}]", person, fields) for index, item in enumerate(items)]
    return tuple(sorted(found, key=lambda each: each.created_at or each.registered_at or _NEVER, reverse=True))


def _listed(raw: ApplicationListItem, where: str, person: PersonId, fields: FieldSet) -> Registration:
    if raw.applicantId != person:
        raise BadReply(f"{where}.applicantId is not the applicant that was asked for")
    return Registration(
        id=raw.fileId,
        kind_id=raw.serviceId,
        kind_name=raw.serviceName,
        title=raw.taskTitle if "title" in fields else None,
        state=STATES[raw.status.code],
        created_at=raw.created,
        registered_at=raw.registered,
        message=raw.description if "message" in fields else None,
        handled_by=raw.operatorName or raw.roleName,
        document_urls=raw.documentUrls if "document_urls" in fields else (),
    )


def to_submit(order: StartRegistration, locale: str) -> ApplicationSubmit:
    """An order as the block takes it. Raises: Rejected when a form's field is answered twice."""
    times = Counter(answer.code for answer in order.answers)
    twice = [code for code, count in times.items() if count > 1]
    if twice:
        problems = tuple(Problem("ANSWERED_TWICE", ANSWERED_TWICE[locale], ("answers", code)) for code in twice)
        raise Rejected("a field of the form is answered more than once", problems=problems)
    return ApplicationSubmit(
        applicantId=order.person,
        applicationName=order.title,
        formData=FormData({answer.code: answer.value for answer in order.answers}),
        documentUrls=order.document_urls,
    )


def started(raw: ApplicationFile, order: StartRegistration) -> Registration:
    """A file just opened. Raises: BadReply when it is for somebody or something else."""
    if raw.applicationData.applicantId != order.person:
        raise BadReply("$.applicationData.applicantId is not the order's person")
    if raw.serviceId != order.kind_id:
        raise BadReply("$.serviceId is not the order's kind")
    return Registration(
        id=raw.fileId,
        kind_id=raw.serviceId,
        kind_name=raw.serviceName,
        title=raw.applicationData.applicationName,
        state=STATES[raw.status.code],
        created_at=raw.applicationData.created,
        registered_at=raw.registered,
        message=raw.status.title,
        handled_by=None,
        document_urls=raw.applicationData.documentUrls,
    )


def refused(exc: Rejected) -> Rejected:
    """The same refusal with paths that name the order's fields: `formData.<code>` is `answers`, `<code>`."""
    problems = tuple(Problem(each.code, each.message, _order_path(each.path)) for each in exc.problems)
    return Rejected(exc.reason, problems=problems, wire_code=exc.wire_code)


def _order_path(path: tuple[str, ...]) -> tuple[str, ...]:
    if not path:
        return ()
    if path[0] == FORM:
        return ("answers", *path[1:])
    return (ORDER_FIELDS.get(path[0], path[0]),)
