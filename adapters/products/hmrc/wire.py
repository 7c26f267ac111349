"""The bodies of VAT (MTD) 1.0 as they are written, decoded strictly; amounts are JSON numbers, read exactly."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import msgspec

CENT = Decimal("0.01")
HIGHEST_AMOUNT = Decimal("9999999999999.99")
Named = Annotated[str, msgspec.Meta(min_length=1)]
Link = Annotated[str, msgspec.Meta(pattern=r"^https?://[!-~]+$")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class ObligationStatus(Enum):
    """`status` of an obligation."""

    OPEN = "O"
    FULFILLED = "F"


class Obligation(msgspec.Struct, frozen=True):
    """A period for which a return is due."""

    start: date
    end: date
    due: date
    status: ObligationStatus
    periodKey: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9#]{4}$")]
    received: date | None = None


class Obligations(msgspec.Struct, frozen=True):
    """The reply of `GET …/obligations`."""

    obligations: tuple[Obligation, ...]


class TaxPeriod(msgspec.Struct, frozen=True):
    """The period of a liability."""

    start: date = msgspec.field(name="from")
    end: date = msgspec.field(name="to")


class Liability(msgspec.Struct, frozen=True):
    """An amount owed; `type` is a text for people."""

    type: Named
    originalAmount: Decimal
    outstandingAmount: Decimal | None = None
    taxPeriod: TaxPeriod | None = None
    due: date | None = None

    def __post_init__(self) -> None:
        require_amount(self.originalAmount, "originalAmount")
        if self.outstandingAmount is not None:
            require_amount(self.outstandingAmount, "outstandingAmount")


class Liabilities(msgspec.Struct, frozen=True):
    """The reply of `GET …/liabilities`."""

    liabilities: tuple[Liability, ...]


class Payment(msgspec.Struct, frozen=True):
    """An amount received, or under way when `received` is missing; `paymentId` is there for one started online."""

    amount: Decimal
    received: date | None = None
    paymentId: Named | None = None

    def __post_init__(self) -> None:
        require_amount(self.amount, "amount")


class Payments(msgspec.Struct, frozen=True):
    """The reply of `GET …/payments`."""

    payments: tuple[Payment, ...]


class PaymentOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of `POST …/payments`, an extension in the API's style."""

    amount: Decimal
    currency: str
    reference: str | None = None


class PaymentStarted(msgspec.Struct, frozen=True):
    """The reply of `POST …/payments`: where the person goes on to pay, and until when."""

    paymentId: Named
    payUrl: Link
    expiresAt: Instant


def require_amount(amount: Decimal, name: str) -> None:
    """Raises: ValueError for what is no monetary value to 2 decimal places within the API's limits."""
    if not (amount.is_finite() and abs(amount) <= HIGHEST_AMOUNT and amount == amount.quantize(CENT)):
        raise ValueError(f"{name} is not a monetary value to 2 decimal places, at most {HIGHEST_AMOUNT}")
