"""From the bureau's words to the city's records and back: pure functions, strict."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from adapters.contract.errors import BadReply, Problem, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.tax import (
    ComplianceCertificate,
    ComplianceState,
    Liability,
    Obligation,
    ObligationState,
    Payment,
    PaymentStarted,
    StartPayment,
)
from adapters.contract.records import Money
from adapters.products.api_entreprise.wire import FiscalAttestation, SocialAttestation, SocialStatus
from adapters.products.hmrc import wire

STATES = {
    wire.ObligationStatus.OPEN: ObligationState.OPEN,
    wire.ObligationStatus.FULFILLED: ObligationState.FULFILLED,
}
ORDER_FIELDS = frozenset({"amount", "currency", "reference"})
FIELD_OF_CODE = {
    "VRN_INVALID": "taxpayer",
    "RULE_INSOLVENT_TRADER": "taxpayer",
    "DUPLICATE_SUBMISSION": "reference",
    "AMOUNT_TOO_HIGH": "amount",
}
"""The order's field that a refusal of the whole is about."""
NOT_ISSUED = ComplianceCertificate(
    state=ComplianceState.NOT_ISSUED,
    issued_on=None,
    period_ends_on=None,
    document_url=None,
    document_expires_at=None,
)


def to_obligations(raw: Iterable[wire.Obligation]) -> tuple[Obligation, ...]:
    """Obligations, soonest due first."""
    found = [
        Obligation(
            period=each.periodKey,
            starts_on=each.start,
            ends_on=each.end,
            due_on=each.due,
            state=STATES[each.status],
            received_on=each.received,
        )
        for each in raw
    ]
    return tuple(sorted(found, key=lambda each: (each.due_on, each.starts_on, each.period)))


def to_liabilities(raw: Iterable[wire.Liability], currency: str, fields: FieldSet) -> tuple[Liability, ...]:
    """Liabilities with the selected personal fields, soonest due first, those without a due date last."""
    found = [_liability(each, currency, fields) for each in raw]
    return tuple(sorted(found, key=lambda each: each.due_on or date.max))


def _liability(raw: wire.Liability, currency: str, fields: FieldSet) -> Liability:
    outstanding = raw.outstandingAmount if "outstanding" in fields else None
    return Liability(
        kind=raw.type,
        starts_on=raw.taxPeriod.start if raw.taxPeriod else None,
        ends_on=raw.taxPeriod.end if raw.taxPeriod else None,
        due_on=raw.due,
        original=_money(raw.originalAmount, currency) if "original" in fields else None,
        outstanding=None if outstanding is None else _money(outstanding, currency),
    )


def to_payments(raw: Iterable[wire.Payment], currency: str, fields: FieldSet) -> tuple[Payment, ...]:
    """Payments with the selected personal fields, those under way first, then newest first."""
    amounts = "amount" in fields
    found = [
        Payment(id=each.paymentId, amount=_money(each.amount, currency) if amounts else None, received_on=each.received)
        for each in raw
    ]
    return tuple(sorted(found, key=lambda each: each.received_on or date.max, reverse=True))


def from_fiscal(raw: FiscalAttestation, at: datetime, fields: FieldSet) -> ComplianceCertificate:
    """A certificate that taxes are declared and paid, as the reply had it at `at`."""
    return ComplianceCertificate(
        state=ComplianceState.ISSUED,
        issued_on=raw.date_delivrance_attestation,
        period_ends_on=raw.date_periode_analysee,
        document_url=raw.document_url if "document_url" in fields else None,
        document_expires_at=at + timedelta(seconds=raw.document_url_expires_in),
    )


def from_social(raw: SocialAttestation, at: datetime, fields: FieldSet) -> ComplianceCertificate:
    """A certificate that contributions are paid; it does not say up to when they were looked at."""
    if raw.entity_status.code is SocialStatus.REFUSED:
        return NOT_ISSUED
    lives = raw.document_url_expires_in
    return ComplianceCertificate(
        state=ComplianceState.ISSUED,
        issued_on=raw.date_debut_validite,
        period_ends_on=None,
        document_url=raw.document_url if "document_url" in fields else None,
        document_expires_at=None if lives is None else at + timedelta(seconds=lives),
    )


def to_order(order: StartPayment) -> wire.PaymentOrder:
    """An order as the bureau takes it."""
    return wire.PaymentOrder(amount=order.amount, currency=order.currency, reference=order.reference)


def started(raw: wire.PaymentStarted, order: StartPayment, at: datetime) -> PaymentStarted:
    """A payment just begun. Raises: BadReply when its page has gone already."""
    if raw.expiresAt <= at:
        raise BadReply("$.expiresAt is not in the future")
    return PaymentStarted(
        id=raw.paymentId,
        amount=_money(order.amount, order.currency),
        pay_url=raw.payUrl,
        expires_at=raw.expiresAt,
    )


def refused(exc: Rejected) -> Rejected:
    """The same refusal with paths that name the order's fields."""
    problems = tuple(Problem(each.code, each.message, _order_path(each)) for each in exc.problems)
    return Rejected(exc.reason, problems=problems, wire_code=exc.wire_code)


def _order_path(problem: Problem) -> tuple[str, ...]:
    if problem.path and problem.path[0] in ORDER_FIELDS:
        return problem.path[:1]
    field = FIELD_OF_CODE.get(problem.code)
    return (field,) if field else ()


def _money(amount: Decimal, currency: str) -> Money:
    """With two decimals always, which the wire's limits make exact."""
    return Money(amount=amount.quantize(wire.CENT), currency=currency)
