"""Tax accounts of persons and companies: obligations, liabilities, payments, the compliance certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Protocol

from adapters.contract.operations import FieldSet, port, read, write
from adapters.contract.records import Money, Record, TaxpayerId


class ObligationState(Enum):
    """Whether the declaration for a period has come in."""

    OPEN = "open"
    FULFILLED = "fulfilled"


class Obligation(Record, frozen=True):
    """A period for which a declaration is due."""

    period: str
    starts_on: date
    ends_on: date
    due_on: date
    state: ObligationState
    received_on: date | None


class Liability(Record, frozen=True):
    """An amount owed; `outstanding` is what is left of `original`, None where the office does not say."""

    personal: ClassVar[FieldSet] = frozenset({"original", "outstanding"})

    kind: str
    starts_on: date | None
    ends_on: date | None
    due_on: date | None
    original: Money | None
    outstanding: Money | None


class Payment(Record, frozen=True):
    """An amount received; `received_on` is None for one under way."""

    personal: ClassVar[FieldSet] = frozenset({"amount"})

    id: str | None
    amount: Money | None
    received_on: date | None


class ComplianceState(Enum):
    """What the office certifies. It answers `NOT_ISSUED` both for a taxpayer unknown and for one with arrears."""

    ISSUED = "issued"
    NOT_ISSUED = "not_issued"


class ComplianceCertificate(Record, frozen=True):
    """A certificate that taxes are declared and paid; the document's URL expires at `document_expires_at`."""

    personal: ClassVar[FieldSet] = frozenset({"document_url"})

    state: ComplianceState
    issued_on: date | None
    period_ends_on: date | None
    document_url: str | None
    document_expires_at: datetime | None


class StartPayment(Record, frozen=True):
    """An order to begin paying; `amount` has at most two decimals and is positive."""

    taxpayer: TaxpayerId
    amount: Decimal
    currency: str
    reference: str | None = None


class PaymentStarted(Record, frozen=True):
    """A payment that waits for the person: `pay_url` is where it goes on."""

    id: str
    amount: Money
    pay_url: str
    expires_at: datetime


@port("tax")
class Tax(Protocol):
    """Tax accounts by taxpayer."""

    @read
    async def obligations(self, taxpayers: Sequence[TaxpayerId]) -> Mapping[TaxpayerId, tuple[Obligation, ...]]:
        """Open obligations, soonest due first. A taxpayer whom the office does not know is absent.

        Raises: Unavailable, TimedOut, QuotaExceeded, Maintenance, Unauthorised, BadReply.
        """
        ...

    @read
    async def liabilities(
        self, taxpayers: Sequence[TaxpayerId], fields: FieldSet
    ) -> Mapping[TaxpayerId, tuple[Liability, ...]]:
        """Amounts owed in the last twelve months, soonest due first; absence as in `obligations`.

        Of the personal fields, those in `fields`; so it is with the other reads that take them.
        """
        ...

    @read
    async def payments(
        self, taxpayers: Sequence[TaxpayerId], fields: FieldSet
    ) -> Mapping[TaxpayerId, tuple[Payment, ...]]:
        """Payments of the last twelve months, newest first; absence as in `obligations`."""
        ...

    @read
    async def compliance(
        self, taxpayers: Sequence[TaxpayerId], fields: FieldSet
    ) -> Mapping[TaxpayerId, ComplianceCertificate]:
        """The compliance certificate of each taxpayer."""
        ...

    @write
    async def start_payment(self, order: StartPayment) -> PaymentStarted:
        """Begin a payment.

        Raises: Rejected with problems (`AMOUNT_TOO_HIGH`, `DUPLICATE_SUBMISSION`); NotFound; Ambiguous; and what
        `obligations` raises.
        """
        ...
