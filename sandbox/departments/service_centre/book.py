"""The appointments themselves: who reserved, preconfirmed, confirmed and cancelled which time."""

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sandbox.departments.service_centre.diary import Diary
from sandbox.departments.service_centre.failures import Refused
from sandbox.departments.service_centre.offer import Offer, Office
from sandbox.departments.service_centre.process import Process, Status

FIRST_NUMBER = 100_000
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Client:
    """Contact data; None leaves a field as it was."""

    name: str | None
    email: str | None
    telephone: str | None


class Book:
    """All processes of the centre. Every method runs without a pause, so that of two who race one comes first.

    `hold_seconds` replaces the offices' reservation and activation times, for whoever cannot wait for minutes.
    """

    def __init__(self, offer: Offer, *, seed: int, today: date, extra: Mapping[int, Iterable[int]]) -> None:
        self.offer = offer
        self.diary = Diary(seed, today, self.taken, extra)
        self._seeded: tuple[Process, ...] = ()
        self.reset()

    def reset(self) -> None:
        """Back to the seeded appointments."""
        self._processes: dict[int, Process] = {}
        self._at_office: dict[int, list[Process]] = defaultdict(list)
        self._next = FIRST_NUMBER + 1
        for process in self._seeded:
            self.enter(replace(process))
        self.hold_seconds: float | None = None

    def keep_as_seeded(self) -> None:
        """Makes what is booked now the state that `reset` comes back to."""
        self._seeded = tuple(replace(process) for process in self._processes.values())

    def enter(self, process: Process) -> None:
        """Writes a process from elsewhere, with its own number."""
        self._processes[process.id] = process
        self._at_office[process.office.id].append(process)
        self._next = max(self._next, process.id + 1)

    def taken(self, office: int) -> set[int]:
        """The slots that are booked or held at an office now."""
        now = time.time()
        return {slot for each in self._at_office[office] if each.occupies(now) for slot in each.taken()}

    def free(self, office: Office, counts: Mapping[int, int], day: date) -> list[int]:
        """Starts on a day for services together."""
        slots = self.offer.slots(office.id, counts)
        return self.diary.free(office, day, slots, now=time.time())

    def make(self, office: Office, counts: Mapping[int, int], start: int, *, auth_key: str) -> Process:
        """Writes a reservation without an end, without asking whether its time is free."""
        services = tuple((self.offer.services[service], count) for service, count in counts.items())
        slots = self.offer.slots(office.id, counts)
        made = Process(self._next, auth_key, office, services, start, slots)
        self.enter(made)
        return made

    def reserve(self, office: Office, counts: Mapping[int, int], start: int, day: date) -> Process:
        """A time for the office's `reservationDuration`. Raises: Refused."""
        if any(count > self.offer.services[service].max_quantity for service, count in counts.items()):
            raise Refused("tooManyServicesPerAppointment")
        if self.offer.slots(office.id, counts) > office.slots_per_appointment:
            raise Refused("tooManySlotsPerAppointment")
        if start not in self.free(office, counts, day):
            raise Refused("appointmentNotAvailable")
        made = self.make(office, counts, start, auth_key=secrets.token_hex(32))
        made.deadline = self._until(office.reservation_minutes)
        return made

    def find(self, process_id: int, auth_key: str) -> Process:
        """A process that is not cancelled, for who knows its key. Raises: Refused."""
        found = self._processes.get(process_id)
        if found is None or found.status in {Status.DELETED, Status.BLOCKED}:
            raise Refused("appointmentNotFound")
        if not secrets.compare_digest(found.auth_key, auth_key):
            raise Refused("authKeyMismatch")
        return found

    def update(self, process: Process, client: Client, citizen: str | None) -> Process:
        """Says who comes; the first citizen keeps it. Raises: Refused."""
        if process.status is Status.RESERVED and process.expired(time.time()):
            raise Refused("processNotReservedAnymore")
        email = process.email if client.email is None else client.email
        self._require_mail_within_limit(process, email)
        process.email = email
        process.name = process.name if client.name is None else client.name
        process.telephone = process.telephone if client.telephone is None else client.telephone
        process.citizen = process.citizen or citizen
        return process

    def preconfirm(self, process: Process) -> Process:
        """A reservation that stands gets the activation time. Raises: Refused."""
        self._require_mail_within_limit(process, process.email)
        if process.status is not Status.RESERVED or process.expired(time.time()):
            raise Refused("processNotReservedAnymore")
        process.status, process.deadline = Status.PRECONFIRMED, self._until(process.office.activation_minutes)
        return process

    def confirm(self, process: Process) -> Process:
        """From reserved or preconfirmed. Raises: Refused."""
        expired = process.expired(time.time())
        if process.status is Status.PRECONFIRMED and expired:
            raise Refused("preconfirmationExpired")
        if process.status not in {Status.RESERVED, Status.PRECONFIRMED} or expired:
            raise Refused("processNotPreconfirmedAnymore")
        process.status, process.deadline = Status.CONFIRMED, None
        return process

    def cancel(self, process: Process) -> Process:
        """From any state before the appointment begins; a hold's number is blocked for a while. Raises: Refused."""
        now = time.time()
        if not process.occupies(now):
            raise Refused("appointmentNotFound")
        if process.start <= now:
            raise Refused("appointmentCanNotBeCanceled")
        process.status = Status.BLOCKED if process.status is Status.RESERVED else Status.DELETED
        process.deadline = None
        return process

    def confirmed_of(self, citizen: str, only: int | None = None) -> list[Process]:
        """What a citizen has coming, in the order of booking."""
        mine = (each for each in self._processes.values() if each.citizen == citizen)
        return [each for each in mine if each.status is Status.CONFIRMED and only in {None, each.id}]

    def _until(self, minutes: int) -> float:
        return time.time() + (minutes * MINUTE if self.hold_seconds is None else self.hold_seconds)

    def _require_mail_within_limit(self, process: Process, email: str) -> None:
        now = time.time()
        others = [
            each
            for each in self._at_office[process.office.id]
            if email and each.email == email and each.id != process.id
        ]
        if sum(each.occupies(now) for each in others) >= process.office.appointments_per_mail:
            raise Refused("tooManyAppointmentsWithSameMail")
