"""What the bureau keeps of a taxpayer; amounts are whole cents."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sandbox.records import Text


@dataclass(frozen=True, slots=True)
class Obligation:
    """A period for which a return is due; open until `received`."""

    key: str
    start: date
    end: date
    due: date
    received: date | None = None

    @property
    def status(self) -> str:
        """`O` or `F`."""
        return "F" if self.received else "O"

    def as_json(self) -> dict[str, str]:
        """An entry of `obligations`."""
        entry = {
            "start": str(self.start),
            "end": str(self.end),
            "due": str(self.due),
            "status": self.status,
            "periodKey": self.key,
        }
        return entry | ({"received": str(self.received)} if self.received else {})


@dataclass(slots=True)
class Liability:
    """An amount owed."""

    kind: Text
    start: date
    end: date
    due: date
    original: int
    outstanding: int

    def as_json(self, locale: str) -> dict[str, object]:
        """An entry of `liabilities`."""
        return {
            "taxPeriod": {"from": str(self.start), "to": str(self.end)},
            "type": self.kind.get(locale),
            "originalAmount": self.original / 100,
            "outstandingAmount": self.outstanding / 100,
            "due": str(self.due),
        }


@dataclass(slots=True)
class Payment:
    """An amount received; one that was started online waits for its payer until it `expires`."""

    amount: int
    received: date | None = None
    id: str | None = None
    expires: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """An entry of `payments`."""
        entry: dict[str, object] = {"amount": self.amount / 100}
        return (
            entry
            | ({"received": str(self.received)} if self.received else {})
            | ({"paymentId": self.id} if self.id else {})
        )


@dataclass(slots=True)
class Account:
    """A taxpayer's account."""

    obligations: list[Obligation] = field(default_factory=list)
    liabilities: list[Liability] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def outstanding(self) -> int:
        """What is left to pay, in cents."""
        return sum(each.outstanding for each in self.liabilities)

    def in_order(self, today: date) -> bool:
        """Nothing is overdue: neither a return nor a payment."""
        late_return = any(each.status == "O" and each.due < today for each in self.obligations)
        late_payment = any(each.outstanding > 0 and each.due < today for each in self.liabilities)
        return not (late_return or late_payment)

    def settle(self, cents: int) -> None:
        """Takes a payment off what is owed, soonest due first."""
        for each in sorted(self.liabilities, key=lambda one: one.due):
            paid = min(cents, max(0, each.outstanding))
            each.outstanding -= paid
            cents -= paid
