"""The part of the settings that says how much may be asked for: by one document, and by who asks."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated

import msgspec

from adapters.contract.manifest import Timeout, seconds
from gateway.graphql.limits import BODY_SECONDS, DocumentLimits, HTTPLimits, HTTPSizes

Units = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Limits(DocumentLimits, frozen=True):
    """What one document may ask for; see `gateway.graphql.limits`."""


class Rate(_Strict, frozen=True):
    """`units` at once, which come back evenly within `per`; 0 counts nothing."""

    units: Units = 0
    per: Timeout = "1m"


class PersonRate(Rate, frozen=True):
    """What nobody reaches who is a person."""

    units: Units = 3000


class Rates(_Strict, frozen=True):
    """How much a person, an app and an address without a token may ask for: a unit for each request, and for what must
    be executed one more for each request to a department that it may cause.

    `proxies` are the networks whose `X-Forwarded-For` is believed.
    """

    subject: PersonRate = PersonRate()
    client: Rate = Rate()
    address: Rate = Rate()
    proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for one in self.proxies:
            ip_network(one)

    def policies(self) -> dict[str, tuple[int, float]]:
        """Units and seconds of what is counted, by name."""
        rates = {"subject": self.subject, "client": self.client, "address": self.address}
        return {name: (one.units, seconds(one.per)) for name, one in rates.items() if one.units}


class HTTP(HTTPSizes, frozen=True):
    """How large one request may be, in bytes as they arrive, and how long its body may take."""

    body_timeout: Timeout = f"{BODY_SECONDS:g}s"

    def limits(self) -> HTTPLimits:
        """The same as the endpoint takes them."""
        sizes = {name: getattr(self, name) for name in HTTPSizes.__struct_fields__}
        return HTTPLimits(**sizes, body_seconds=seconds(self.body_timeout))
