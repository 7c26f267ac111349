"""The hotline's register: complaints by number, token, account and reference."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.departments.hotline.records import Complaint, Kind, ServiceType, Step

BATCH_DELAY = timedelta(seconds=2)
"""How long a batch service type lets one wait for the number."""
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a register starts with; `complaints` makes fresh ones each time, so that a reset undoes everything.

    `report` is what `/_sandbox/seed` tells: how many records are served, which are refused and why.
    """

    services: tuple[ServiceType, ...]
    complaints: Callable[[], list[Complaint]]
    report: Mapping[str, object]


class Register:
    """All complaints. `clock` tells the time, with zone."""

    def __init__(self, seeded: Seeded, clock: Clock) -> None:
        self._seeded = seeded
        self.clock = clock
        self.services = {service.code: service for service in seeded.services}
        self.reset()

    def reset(self) -> None:
        """Back to the seeded complaints."""
        self._complaints = self._seeded.complaints()
        self._by_reference: dict[tuple[str | None, str], Complaint] = {}
        self._filed = 0

    def file(self, complaint: Complaint, reference: str | None) -> Complaint:
        """Keeps a complaint and gives it a number or a token; the first one again for a known reference."""
        key = (complaint.account, reference or "")
        if reference and key in self._by_reference:
            return self._by_reference[key]
        self._filed += 1
        if complaint.service.kind is Kind.REALTIME:
            complaint.number = self._number(complaint)
        elif complaint.service.kind is Kind.BATCH:
            complaint.token = f"T{self._filed:06d}"
            complaint.due = complaint.requested + BATCH_DELAY
        complaint.steps.append(Step(f"F{self._filed}-0", complaint.status, complaint.requested, None))
        self._complaints.append(complaint)
        if reference:
            self._by_reference[key] = complaint
        return complaint

    def all(self) -> Sequence[Complaint]:
        """Those that can be followed, newest first."""
        self._give_numbers()
        listed = [each for each in self._complaints if each.number or each.token]
        return sorted(listed, key=lambda each: each.requested, reverse=True)

    def of_account(self, account: str) -> Sequence[Complaint]:
        """One account's, newest first, also those whose number is to come."""
        return [each for each in self.all() if each.account == account]

    def by_number(self, numbers: Iterable[str]) -> Sequence[Complaint]:
        """Those with one of the numbers, newest first."""
        wanted = set(numbers)
        return [each for each in self.all() if each.number in wanted]

    def by_token(self, token: str) -> Complaint | None:
        """The one that a token stands for, with or without its number."""
        return next((each for each in self.all() if each.token == token), None)

    def _give_numbers(self) -> None:
        now = self.clock()
        for each in self._complaints:
            if each.number is None and each.due is not None and each.due <= now:
                each.number = self._number(each)

    def _number(self, complaint: Complaint) -> str:
        taken = sum(1 for each in self._complaints if each.number)
        return f"{complaint.requested:%y}-{taken + 1:06d}"
