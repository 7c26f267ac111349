"""What an Open311 server answers, as typed structs (GeoReport v2; updates as in mySociety's extension)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""GeoReport v2 writes every time with its zone."""
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
"""An empty text stands for what is absent, and is None by the time that it is fitted."""


class ServiceType(Enum):
    """How a filed request gets its id: at once, later by a token, or never."""

    REALTIME = "realtime"
    BATCH = "batch"
    BLACKBOX = "blackbox"


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `GET services`."""

    service_code: str
    service_name: str
    type: ServiceType
    description: str | None = None
    group: str | None = None


class AttributeValue(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of an attribute with a list of values."""

    key: str
    name: str


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a service; `variable` is false where it only informs."""

    code: str
    variable: bool
    required: bool
    datatype: str
    description: str | None = None
    values: tuple[AttributeValue, ...] | None = None


class ServiceDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """The reply of `GET services/{code}`."""

    service_code: str
    attributes: tuple[Attribute, ...]


class ServiceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `GET requests`.

    `account_id` and `token` are extensions: whose request it is, and what stands for an id that is to come.
    """

    service_code: Text
    status: Text
    requested_datetime: Moment
    service_request_id: Text | None = None
    token: Text | None = None
    account_id: Text | None = None
    service_name: Text | None = None
    status_notes: Text | None = None
    description: Text | None = None
    agency_responsible: Text | None = None
    updated_datetime: Moment | None = None
    expected_datetime: Moment | None = None
    address: Text | None = None
    lat: Latitude | None = None
    long: Longitude | None = None
    media_url: Text | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of the reply to `POST requests`, and of `GET tokens/{token}`; a blackbox service gives neither id."""

    service_request_id: str | None = None
    token: str | None = None
    service_notice: str | None = None


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `GET servicerequestupdates`."""

    update_id: Text
    service_request_id: Text
    status: Text
    updated_datetime: Moment
    description: Text | None = None


class UpdateReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of the reply to `POST servicerequestupdates`."""

    update_id: str


class WireError(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an error reply."""

    code: str
    description: str | None = None
