"""Tax: what a person owes and has declared, and starting to pay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import strawberry
from strawberry import Parent

from adapters.contract.filings import Filing as FilingRecord
from adapters.contract.ports import tax as contract
from adapters.contract.records import Record, TaxpayerId
from resolvers.common import sensitivity
from resolvers.common.assurance import Assurance
from resolvers.common.calls import asks, asks_once
from resolvers.common.context import Info
from resolvers.common.filings import FIELD, Filing
from resolvers.common.inputs import Order
from resolvers.common.permissions import Authenticated, own
from resolvers.common.problems import Attempted, Problem, Problems, attempt
from resolvers.common.selection import personal_fields, selected_fields
from resolvers.common.values import Money, public_enum

V = TypeVar("V")
OWN = own("tax", assurance=Assurance.SUBSTANTIAL)
HIGHEST_AMOUNT = Decimal(100_000_000)

public_enum(
    contract.ObligationState,
    "Whether a declaration has come in.",
    {"OPEN": "The person must declare by the due date.", "FULFILLED": "The declaration has come in."},
)
public_enum(
    contract.ComplianceState,
    "What the tax office certifies.",
    {
        "ISSUED": "Taxes are declared and paid.",
        "NOT_ISSUED": "There is no certificate: the office does not know the taxpayer, or something is open.",
    },
)


@strawberry.type(description="A period for which a declaration is due.")
class TaxObligation:
    """Describes `contract.Obligation`."""

    period: str = strawberry.field(description="The tax office's key of the period.")
    starts_on: date = strawberry.field(description="The period's first day.")
    ends_on: date = strawberry.field(description="The period's last day.")
    due_on: date = strawberry.field(description="By when to declare.")
    state: contract.ObligationState = strawberry.field(description="Whether the declaration has come in.")
    received_on: date | None = strawberry.field(description="When it came in.")


@strawberry.type(description="An amount owed.")
class TaxLiability:
    """Describes `contract.Liability`."""

    kind: str = strawberry.field(description="What is owed, in the tax office's words.")
    starts_on: date | None = strawberry.field(description="The period's first day.")
    ends_on: date | None = strawberry.field(description="The period's last day.")
    due_on: date | None = strawberry.field(description="By when to pay.")
    original: Money = strawberry.field(directives=sensitivity.FINANCE, description="What was owed at first.")
    outstanding: Money | None = strawberry.field(
        directives=sensitivity.FINANCE, description="What is left to pay, where the office says so."
    )


@strawberry.type(description="An amount that the tax office has received.")
class TaxPayment:
    """Describes `contract.Payment`."""

    amount: Money = strawberry.field(directives=sensitivity.FINANCE, description="How much.")
    received_on: date | None = strawberry.field(description="When it came in; null while it is under way.")


@strawberry.type(description="The certificate that taxes are declared and paid.")
class TaxComplianceCertificate:
    """Describes `contract.ComplianceCertificate`."""

    state: contract.ComplianceState = strawberry.field(description="Whether there is one.")
    issued_on: date | None = strawberry.field(description="When it was issued.")
    period_ends_on: date | None = strawberry.field(description="Up to when taxes were looked at.")
    document_url: str | None = strawberry.field(
        directives=sensitivity.DOCUMENT, description="Where the document is, for a while."
    )
    document_expires_at: datetime | None = strawberry.field(description="Until when the document is there.")


@dataclass(frozen=True, slots=True)
class Account:
    """A taxpayer; what belongs to it is read as it is selected."""

    taxpayer: TaxpayerId


Read = Callable[[Sequence[TaxpayerId]], Awaitable[Mapping[TaxpayerId, V]]]


async def _of(info: Info, root: Account, name: str, read: Read[V]) -> V | None:
    return await info.context.load(f"tax.{name}", read, root.taxpayer)


async def _selected_of(
    info: Info, root: Account, read: Callable[..., Awaitable[Mapping[TaxpayerId, V]]], record: type[Record]
) -> V | None:
    fields = personal_fields(selected_fields(info), record)
    name = " ".join((record.__name__, *sorted(fields)))
    return await _of(info, root, name, lambda taxpayers: read(taxpayers, fields))


async def _obligations(root: Parent[Account], info: Info) -> tuple[contract.Obligation, ...] | None:
    return await _of(info, root, "obligations", info.context.city.port(contract.Tax).obligations)


async def _liabilities(root: Parent[Account], info: Info) -> tuple[contract.Liability, ...] | None:
    return await _selected_of(info, root, info.context.city.port(contract.Tax).liabilities, contract.Liability)


async def _payments(root: Parent[Account], info: Info) -> tuple[contract.Payment, ...] | None:
    return await _selected_of(info, root, info.context.city.port(contract.Tax).payments, contract.Payment)


async def _compliance(root: Parent[Account], info: Info) -> contract.ComplianceCertificate | None:
    return await _selected_of(
        info, root, info.context.city.port(contract.Tax).compliance, contract.ComplianceCertificate
    )


@strawberry.type(
    description="An account at the tax office. A list is null when the office does not know the taxpayer.",
    directives=[Authenticated()],
)
class TaxAccount:
    """Describes `Account`."""

    obligations = strawberry.field(
        resolver=_obligations,
        graphql_type=list[TaxObligation] | None,
        description="Declarations that are open, soonest due first.",
    )
    liabilities = strawberry.field(
        resolver=_liabilities,
        graphql_type=list[TaxLiability] | None,
        description="What is owed, from the last twelve months.",
    )
    payments = strawberry.field(
        resolver=_payments,
        graphql_type=list[TaxPayment] | None,
        description="Payments of the last twelve months.",
    )
    compliance = strawberry.field(
        resolver=_compliance,
        graphql_type=TaxComplianceCertificate | None,
        description="The certificate that taxes are declared and paid.",
    )


def _account(info: Info) -> Account:
    return Account(TaxpayerId(info.context.require_viewer().id))


@strawberry.type
class Viewer:
    """What a person has."""

    tax_account = strawberry.field(
        resolver=_account,
        graphql_type=TaxAccount | None,
        description="The person's account at the tax office.",
        directives=OWN,
    )


@strawberry.input(description="How much to pay.")
class StartTaxPaymentInput(Order):
    """Input of `startTaxPayment`."""

    amount: Decimal = strawberry.field(
        directives=sensitivity.FINANCE, description="The amount, with at most two decimals."
    )
    currency: str = strawberry.field(default="CNY", description="The currency's ISO 4217 code.")


@strawberry.type(description="A payment that waits for the person.")
class TaxPaymentStarted:
    """Describes `contract.PaymentStarted`."""

    amount: Money = strawberry.field(directives=sensitivity.FINANCE, description="How much.")
    pay_url: str = strawberry.field(directives=sensitivity.DOCUMENT, description="Where the person goes on to pay.")
    expires_at: datetime = strawberry.field(description="Until when.")


@strawberry.type(description="The payment, or what to mend.")
class StartTaxPaymentPayload:
    """What `startTaxPayment` answers."""

    payment: contract.PaymentStarted | None = strawberry.field(
        graphql_type=TaxPaymentStarted | None, description="The payment that waits for the person."
    )
    filing: FilingRecord | None = strawberry.field(graphql_type=Filing | None, description=FIELD)
    problems: list[Problem] = strawberry.field(description="What the person can mend; empty when it worked.")
    client_mutation_id: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="The input's `clientMutationId`."
    )


StartInput = Annotated[StartTaxPaymentInput, strawberry.argument(description="The order.")]


async def _start(info: Info, input: StartInput) -> StartTaxPaymentPayload:  # noqa: A002  # GraphQL's word
    viewer = info.context.require_viewer()
    problems = Problems(info.context.locale)
    order = contract.StartPayment(
        taxpayer=TaxpayerId(viewer.id),
        amount=_amount(input.amount, problems),
        currency=_currency(input.currency, problems),
        reference=problems.optional_text(input.idempotency_key, "idempotencyKey", most=64),
    )
    done = Attempted[contract.PaymentStarted]()
    if not problems.found:
        done = await attempt(info.context.city.port(contract.Tax).start_payment(order), problems)
    return StartTaxPaymentPayload(
        payment=done.record, filing=done.filing, problems=problems.found, client_mutation_id=input.client_mutation_id
    )


def _amount(amount: Decimal, problems: Problems) -> Decimal:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or amount > HIGHEST_AMOUNT:
        problems.add("OUT_OF_RANGE", "amount")
    elif amount <= 0:
        problems.add("NOT_POSITIVE", "amount")
    elif exponent < -2:
        problems.add("TOO_PRECISE", "amount")
    return amount


def _currency(currency: str, problems: Problems) -> str:
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        problems.add("INVALID", "currency")
    return currency


@strawberry.type
class Mutation:
    """The domain's orders."""

    start_tax_payment = strawberry.field(
        resolver=_start,
        graphql_type=StartTaxPaymentPayload | None,
        description="Begin to pay taxes.",
        directives=OWN,
    )


CALLS = {
    "TaxAccount.obligations": asks_once("tax.obligations"),
    "TaxAccount.liabilities": asks_once("tax.liabilities"),
    "TaxAccount.payments": asks_once("tax.payments"),
    "TaxAccount.compliance": asks_once("tax.compliance"),
    "Mutation.startTaxPayment": asks("tax.start_payment"),
}
