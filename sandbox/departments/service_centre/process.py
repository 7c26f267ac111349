"""An appointment as the API keeps it, and the thinned process and calendar entry that it shows."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sandbox.city import ZONE
from sandbox.departments.service_centre.diary import SLOT
from sandbox.departments.service_centre.offer import Json, Office, Service

_FOLD_AT = 75


class Status(StrEnum):
    """Those of the schema's statuses that occur here."""

    RESERVED = "reserved"
    PRECONFIRMED = "preconfirmed"
    CONFIRMED = "confirmed"
    DELETED = "deleted"
    BLOCKED = "blocked"


@dataclass
class Process:
    """`services` with how often each; `start` and `deadline` in unix seconds, `slots` of the calendar.

    `deadline` ends a reservation or a preconfirmation; `citizen` is who logged in.
    """

    id: int
    auth_key: str
    office: Office
    services: tuple[tuple[Service, int], ...]
    start: int
    slots: int
    status: Status = Status.RESERVED
    deadline: float | None = None
    citizen: str | None = None
    name: str = ""
    email: str = ""
    telephone: str = ""

    def occupies(self, now: float) -> bool:
        """Whether the time is still this process's."""
        if self.status is Status.CONFIRMED:
            return True
        return self.status in {Status.RESERVED, Status.PRECONFIRMED} and not self.expired(now)

    def expired(self, now: float) -> bool:
        """Whether nobody went on in time."""
        return self.deadline is not None and now >= self.deadline

    def taken(self) -> range:
        """The slots in unix seconds."""
        return range(self.start, self.start + max(1, self.slots) * SLOT, SLOT)

    def thinned(self, locale: str) -> Json:
        """`thinnedProcess.json`, with its secret."""
        (main, count), *subs = self.services
        return {
            "processId": self.id,
            "timestamp": str(self.start),
            "authKey": self.auth_key,
            "familyName": self.name,
            "customTextfield": "",
            "customTextfield2": "",
            "email": self.email,
            "telephone": self.telephone,
            "officeName": self.office.name.get(locale),
            "officeId": self.office.id,
            "scope": self.office.scope(locale),
            "subRequestCounts": [{"id": sub.id, "name": sub.name.get(locale), "count": number} for sub, number in subs],
            "serviceId": main.id,
            "serviceName": main.name.get(locale),
            "serviceCount": count,
            "status": self.status.value,
            "captchaToken": None,
            "slotCount": self.slots,
            "displayNumber": str(self.id),
            "icsContent": self._calendar_entry(main.name.get(locale), locale),
        }

    def _calendar_entry(self, summary: str, locale: str) -> str | None:
        if self.status in {Status.DELETED, Status.BLOCKED}:
            return None
        return "\r\n".join(_folded(self._lines(summary, locale)))

    def _lines(self, summary: str, locale: str) -> Iterator[str]:
        secret = json.dumps({"id": self.id, "authKey": self.auth_key}).encode()
        link = f"https://service-centre.example/#/appointment/{base64.b64encode(secret).decode()}"
        starts, ends = self.taken().start, self.taken().stop
        yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:ZMS", f"X-WR-TIMEZONE:{ZONE.key}", "BEGIN:VEVENT")
        yield f"UID:{datetime.fromtimestamp(starts, ZONE):%Y%m%d}-{self.id}"
        yield f"LOCATION:{_escaped(self.office.address_line(locale))}"
        yield f"SUMMARY:{_escaped(summary)}"
        yield f"DESCRIPTION:{_escaped(link)}"
        yield f"DTSTART;TZID={ZONE.key}:{_local(starts)}"
        yield f"DTEND;TZID={ZONE.key}:{_local(ends)}"
        yield f"DTSTAMP:{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        yield from ("STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR")


def _local(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, ZONE):%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line[:_FOLD_AT]
        for at in range(_FOLD_AT, len(line), _FOLD_AT - 1):
            yield f" {line[at : at + _FOLD_AT - 1]}"
