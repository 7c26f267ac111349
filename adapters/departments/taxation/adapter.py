"""Taxation Bureau: accounts over HMRC's VAT (MTD), certificates over API Entreprise, one token for both."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from adapters.contract.errors import NotFound, Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.tax import (
    ComplianceCertificate,
    Liability,
    Obligation,
    Payment,
    PaymentStarted,
    StartPayment,
)
from adapters.contract.records import TaxpayerId
from adapters.contract.transport import Transport, current_call, together
from adapters.departments.taxation import mapping
from adapters.departments.taxation.options import Options
from adapters.products.api_entreprise.attestations import Attestations
from adapters.products.hmrc.client import MOST_DAYS, Vat
from adapters.products.hmrc.oauth import BearerTransport

T = TypeVar("T")
Certificate = Callable[[FieldSet, TaxpayerId], Awaitable[ComplianceCertificate]]
_NUMBER = re.compile("[0-9]{9}")


class TaxOffice:
    """The bureau's port; what is raised is as the port says. Every read costs one call per taxpayer.

    The bureau's numbers have nine digits: any other is nobody's, and it is not asked about.
    """

    def __init__(self, vat: Vat, certificate: Certificate, *, currency: str, zone: ZoneInfo) -> None:
        self._vat = vat
        self._certificate = certificate
        self._currency = currency
        self._zone = zone

    async def obligations(self, taxpayers: Sequence[TaxpayerId]) -> Mapping[TaxpayerId, tuple[Obligation, ...]]:
        """Open obligations."""
        found = await _of_each(taxpayers, self._vat.open_obligations)
        return {taxpayer: mapping.to_obligations(raw) for taxpayer, raw in found.items()}

    async def liabilities(
        self, taxpayers: Sequence[TaxpayerId], fields: FieldSet = Liability.personal
    ) -> Mapping[TaxpayerId, tuple[Liability, ...]]:
        """Amounts owed for periods that ended in the last twelve months."""
        first, last = self._last_twelve_months()
        found = await _of_each(taxpayers, lambda vrn: self._vat.liabilities(vrn, first=first, last=last))
        return {taxpayer: mapping.to_liabilities(raw, self._currency, fields) for taxpayer, raw in found.items()}

    async def payments(
        self, taxpayers: Sequence[TaxpayerId], fields: FieldSet = Payment.personal
    ) -> Mapping[TaxpayerId, tuple[Payment, ...]]:
        """Payments of the last twelve months."""
        first, last = self._last_twelve_months()
        found = await _of_each(taxpayers, lambda vrn: self._vat.payments(vrn, first=first, last=last))
        return {taxpayer: mapping.to_payments(raw, self._currency, fields) for taxpayer, raw in found.items()}

    async def compliance(
        self, taxpayers: Sequence[TaxpayerId], fields: FieldSet = ComplianceCertificate.personal
    ) -> Mapping[TaxpayerId, ComplianceCertificate]:
        """Certificates; nobody's number has none."""
        found = await _of_each(taxpayers, partial(self._certificate, fields))
        return {taxpayer: found.get(taxpayer, mapping.NOT_ISSUED) for taxpayer in taxpayers}

    async def start_payment(self, order: StartPayment) -> PaymentStarted:
        """Begin a payment; one call."""
        if not _NUMBER.fullmatch(order.taxpayer):
            raise NotFound("the bureau's numbers have nine digits")
        try:
            raw = await self._vat.start_payment(order.taxpayer, mapping.to_order(order))
        except Rejected as exc:
            raise mapping.refused(exc) from exc
        return mapping.started(raw, order, current_call().at)

    def _last_twelve_months(self) -> tuple[date, date]:
        """The longest range that the bureau allows, counted with both its ends, up to today there."""
        today = current_call().at.astimezone(self._zone).date()
        return today - timedelta(days=MOST_DAYS - 1), today


async def _of_each(
    taxpayers: Sequence[TaxpayerId], ask: Callable[[TaxpayerId], Awaitable[T]]
) -> Mapping[TaxpayerId, T]:
    """What is known of each; one about whom the bureau has nothing is absent."""

    async def known(taxpayer: TaxpayerId) -> list[tuple[TaxpayerId, T]]:
        try:
            return [(taxpayer, await ask(taxpayer))]
        except NotFound:
            return []

    asked = [taxpayer for taxpayer in dict.fromkeys(taxpayers) if _NUMBER.fullmatch(taxpayer)]
    return dict(pair for pairs in await together([known(one) for one in asked]) for pair in pairs)


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The bureau's ports. Raises: ValueError for an option that has another form, naming it."""
    chosen = Options.read(options)
    bearer = BearerTransport(transport, chosen.credentials)
    vat = Vat(bearer, test_scenario=chosen.test_scenario)
    certificate = certificates(Attestations(bearer, chosen.asker), chosen.certificate)
    return {"tax": TaxOffice(vat, certificate, currency=chosen.currency, zone=chosen.zone)}


def certificates(attestations: Attestations, kind: str) -> Certificate:
    """How the chosen kind of certificate is asked for."""

    async def fiscal(fields: FieldSet, taxpayer: TaxpayerId) -> ComplianceCertificate:
        raw = await attestations.fiscal(taxpayer)
        return mapping.from_fiscal(raw, current_call().at, fields) if raw else mapping.NOT_ISSUED

    async def social(fields: FieldSet, taxpayer: TaxpayerId) -> ComplianceCertificate:
        raw = await attestations.social(taxpayer)
        return mapping.from_social(raw, current_call().at, fields) if raw else mapping.NOT_ISSUED

    return {"fiscal": fiscal, "social": social}[kind]
