"""Who used a person's data, as a register's data tracker tells it: `findUsage`, REST 2.1 and SOAP (dumonitor 1.3).

Neither says in which order entries come. What is one part of a longer log is believed to be the newest part only where
it comes newest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from lxml import etree

from adapters.contract.errors import BadReply, Problem, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.usage import MOST_ENTRIES, RegisterUse
from adapters.contract.transport import current_call
from adapters.products.xroad.xml import element, local, needed_text, text
from adapters.products.xroad.xsd import moment

PATH = "/v2/findUsage"
DUMONITOR = "http://dumonitor.x-road.eu/producer"
_OWN_ALONE = {"en": "The register shows this log to the person alone.", "zh-CN": "该登记机关仅向本人提供此记录。"}
_SOAP_NAMES = frozenset({"logtime", "action", "receiver"})


class Usage(msgspec.Struct, frozen=True):
    """One entry of the REST service."""

    logtime: Annotated[datetime, msgspec.Meta(tz=True)]
    action: str
    receiverCode: str  # noqa: N815
    receiverSystem: str  # noqa: N815
    receiverName: str | None = None  # noqa: N815


class FoundUsages(msgspec.Struct, frozen=True):
    """The reply of `GET /v2/findUsage`."""

    totalUsages: Annotated[int, msgspec.Meta(ge=0)]  # noqa: N815
    usages: tuple[Usage, ...]


class _Entry(NamedTuple):
    at: datetime
    action: str | None
    code: str | None
    name: str | None = None
    system: str | None = None


def query(user_code: str) -> tuple[tuple[str, str], ...]:
    """The REST service's parameters for the newest entries about a person, as the register names them."""
    return (("userCode", user_code), ("offset", "0"), ("limit", str(MOST_ENTRIES)))


def soap_body() -> str:
    """The SOAP service's parameters for the newest entries; about whom, the header block `userId` says."""
    return element("offset", "0") + element("limit", str(MOST_ENTRIES))


def refuse_others(persons: Iterable[str]) -> None:
    """The SOAP service knows nobody but who asks. Raises: Rejected when anybody else is to be asked about."""
    call = current_call()
    if any(person != call.user for person in persons):
        problem = Problem("OWN_ALONE", _OWN_ALONE[call.locale])
        raise Rejected("the register shows its log to the person alone", problems=(problem,))


def found_uses(found: FoundUsages, fields: FieldSet) -> tuple[RegisterUse, ...]:
    """What the REST service found, newest first, with the selected personal fields. Raises: BadReply."""
    if found.totalUsages < len(found.usages):
        raise BadReply("$.totalUsages is less than the number of usages")
    entries = [
        _Entry(one.logtime, one.action or None, one.receiverCode or None, one.receiverName, one.receiverSystem or None)
        for one in found.usages
    ]
    return _newest_first(entries, fields, whole=found.totalUsages == len(entries))


def listed_uses(reply: etree._Element, zone: ZoneInfo, fields: FieldSet) -> tuple[RegisterUse, ...]:
    """The same of the SOAP service, whose times may be local; it does not say how many there are. Raises: BadReply."""
    entries = [_entry(each, zone) for each in reply]
    return _newest_first(entries, fields, whole=len(entries) < MOST_ENTRIES)


def _entry(raw: etree._Element, zone: ZoneInfo) -> _Entry:
    if raw.tag != "usage":
        raise BadReply(f"{local(raw.getparent().tag)} has something else than usages")  # type: ignore[union-attr]
    if any(each.tag not in _SOAP_NAMES for each in raw):
        raise BadReply(f"usage has something else than {', '.join(sorted(_SOAP_NAMES))}")
    return _Entry(
        moment(needed_text(raw, "logtime"), "usage/logtime", zone), text(raw, "action"), text(raw, "receiver")
    )


def _newest_first(entries: Sequence[_Entry], fields: FieldSet, *, whole: bool) -> tuple[RegisterUse, ...]:
    if len(entries) > MOST_ENTRIES:
        raise BadReply(f"the register gave {len(entries)} entries, and was asked for {MOST_ENTRIES}")
    ordered = sorted(entries, key=lambda one: one.at, reverse=True)
    if not whole and ordered != list(entries):
        raise BadReply("the register gave a part of its log that does not begin with the newest entry")
    before: Counter[datetime] = Counter()
    uses = [_use(one, before, fields) for one in reversed(ordered)]
    return tuple(reversed(uses))


def _use(one: _Entry, before: Counter[datetime], fields: FieldSet) -> RegisterUse:
    """An entry is known by its time, and by how many of the same time are older."""
    at = one.at.astimezone(UTC)
    before[at] += 1
    return RegisterUse(
        id=f"{at.isoformat()} {before[at]}",
        logged_at=one.at,
        action=one.action if "action" in fields else None,
        receiver_code=one.code,
        receiver_name=one.name,
        receiver_system=one.system if "receiver_system" in fields else None,
    )
