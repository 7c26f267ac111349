"""The Registration building block's bodies (API 0.1.1) as they are written, decoded strictly.

The contract requires next to nothing; what a record cannot do without is required here.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Literal

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Named = Annotated[str, msgspec.Meta(min_length=1)]


class StatusCode(Enum):
    """Where a file stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    SENDBACK = "SENDBACK"
    REJECTED = "REJECTED"

    __hash__ = object.__hash__  # not that of the name, which Python computes in Python each time


class Status(msgspec.Struct, frozen=True):
    """`statusModel`; the title is in the caller's language."""

    code: StatusCode
    title: str | None = None


class Property(msgspec.Struct, frozen=True):
    """An entry of `ListOfProperties`."""

    code: str
    value: str | None = None


class Service(msgspec.Struct, frozen=True):
    """`service`: something that can be registered."""

    id: Named
    name: str
    version: str
    type: Literal["None", "Private", "Public"]
    description: str | None = None
    serviceBody: tuple[Property, ...] = ()


class ApplicationListItem(msgspec.Struct, frozen=True):
    """`applicantApplicationFileListResponse`: an entry of `GET /applications`."""

    fileId: Named
    serviceId: Named
    serviceName: str
    applicantId: Named
    status: Status
    taskTitle: str | None = None
    roleName: str | None = None
    operatorName: str | None = None
    created: Instant | None = None
    registered: Instant | None = None
    description: str | None = None
    documentUrls: tuple[str, ...] = ()


class FormData(msgspec.Struct, frozen=True, omit_defaults=True):
    """`formData`: answers by the codes of the form's fields."""

    data: dict[str, str]
    eFormId: str | None = None


class ApplicationSubmit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`applicationFileSubmit`, as we send it."""

    applicantId: str
    applicationName: str
    formData: FormData
    documentUrls: tuple[str, ...] = ()


class ApplicationData(msgspec.Struct, frozen=True):
    """`applicationFileSubmit`, as it comes back; the form's data is not read."""

    applicantId: Named
    applicationName: str | None = None
    created: Instant | None = None
    documentUrls: tuple[str, ...] = ()


class ApplicationFile(msgspec.Struct, frozen=True):
    """`applicationFileResponse`."""

    fileId: Named
    serviceId: Named
    serviceName: str
    status: Status
    applicationData: ApplicationData
    registered: Instant | None = None
    ended: bool | None = None


class FieldError(msgspec.Struct, frozen=True):
    """An entry of `errors`, which providers add to `systemError` when a form has several problems."""

    field: str
    code: str
    message: str
    localizedMessage: str | None = None


class ServiceFailure(msgspec.Struct, frozen=True):
    """`systemError`: how the building block words every failure."""

    code: str
    message: str
    traceId: str | None = None
    localizedMessage: str | None = None
    errors: tuple[FieldError, ...] = ()
