"""The published examples of VAT (MTD) and of attestations, served by the server and read by the adapter."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec
import pytest
import yaml
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import NotFound, NotOffered, Rejected, Unauthorised
from adapters.contract.ports.tax import (
    ComplianceCertificate,
    ComplianceState,
    Liability,
    Obligation,
    ObligationState,
    Payment,
)
from adapters.contract.records import Money, TaxpayerId
from adapters.contract.transport import CallInfo, Reply, set_current_call
from adapters.departments.taxation.adapter import TaxOffice, connect
from adapters.departments.taxation.mapping import (
    NOT_ISSUED,
    from_fiscal,
    from_social,
    to_liabilities,
    to_obligations,
    to_payments,
)
from adapters.products.api_entreprise.wire import Document, FiscalAttestation, SocialAttestation
from adapters.products.hmrc import wire
from adapters.products.hmrc.failures import failure
from adapters.products.replies import decode
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import City, build_city
from sandbox.departments.taxation.published import API, ATTESTATIONS, EXAMPLE_VRN, SERVED, Example, examples
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.sandbox.departments.test_taxation import NAME, authorised, options

pytestmark = pytest.mark.real_data
DATA = os.environ.get("CITYGATE_DATA")
EXAMPLE = TaxpayerId(EXAMPLE_VRN)
AT = datetime(2018, 12, 30, 12, tzinfo=UTC)
"""A moment from which the examples' year is the last twelve months."""


@pytest.fixture(scope="module")
def data() -> Path:
    if not DATA:
        pytest.skip("CITYGATE_DATA names no folder of public data")
    return Path(DATA)


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME], data=data) as city:
        yield city


@pytest.fixture(scope="module")
def city(data: Path) -> City:
    return build_city(data=data)


@pytest.fixture(scope="module")
def published(data: Path) -> list[Example]:
    """Every example of a body, without repetitions."""
    every = list(examples(yaml.safe_load((data / API).read_text("utf-8"))))
    assert len(every) == 95
    return [each for at, each in enumerate(every) if each not in every[:at]]


@pytest.fixture(scope="module")
def mocks(data: Path) -> dict[tuple[str, str], Any]:
    """Every published answer about an attestation, by kind and file."""
    return {
        (kind, path.stem): yaml.safe_load(path.read_text("utf-8"))
        for kind, folder in ATTESTATIONS.items()
        for path in sorted((data / folder).glob("*.yaml"))
    }


def bodies(published: list[Example], resource: str) -> list[bytes]:
    found = [each.value for each in published if (each.resource, each.status) == (resource, "200")]
    return [msgspec.json.encode(value) for value in found]


def calling(at: datetime = AT) -> None:
    set_current_call(CallInfo(id=str(uuid4()), operation="tax", subject=None, locale="en", at=at))


class Reading:
    """The adapter over a real socket, for as long as the block runs."""

    def __init__(self, running: SandboxCity, **changes: str) -> None:
        self._transport = HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer())
        self._options = options(**changes)

    async def __aenter__(self) -> TaxOffice:
        port = connect(self._transport, self._options)["tax"]
        assert isinstance(port, TaxOffice)
        return port

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()


async def test_every_example_is_served_or_refused_with_a_reason(running: SandboxCity) -> None:
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        report = await (await client.get("/_sandbox/seed")).json()
    assert report == {
        "served": 26 + 7,
        "refused": {
            "repeats_another_example": 36,
            "no_port_for_returns": 19,
            "no_port_for_penalties": 4,
            "no_port_for_financial_details": 5,
            "no_port_for_information": 5,
        },
        "sources": {API.name: 26, ATTESTATIONS["fiscal"].name: 4, ATTESTATIONS["social"].name: 3},
    }
    assert report["served"] + sum(report["refused"].values()) == 95 + 7


async def test_the_examples_are_read_through_the_adapter_as_they_were_published(running: SandboxCity) -> None:
    calling()
    async with Reading(running, currency="GBP") as office:
        obligations = (await office.obligations([EXAMPLE]))[EXAMPLE]
        liabilities = (await office.liabilities([EXAMPLE]))[EXAMPLE]
        payments = (await office.payments([EXAMPLE]))[EXAMPLE]
    assert [(each.period, each.starts_on, each.ends_on, each.due_on) for each in obligations] == [
        ("18AE", date(2017, 2, 1), date(2017, 2, 28), date(2017, 4, 7)),
        ("18A2", date(2017, 4, 1), date(2017, 6, 30), date(2017, 8, 7)),
    ]
    assert liabilities == (
        Liability(
            kind="VAT ...",
            starts_on=date(2018, 4, 6),
            ends_on=date(2018, 7, 6),
            due_on=date(2018, 7, 6),
            original=Money(amount=Decimal("6000.30"), currency="GBP"),
            outstanding=Money(amount=Decimal("100.51"), currency="GBP"),
        ),
    )
    received = Payment(id=None, amount=Money(amount=Decimal("100.05"), currency="GBP"), received_on=date(2018, 4, 6))
    assert payments == (received,)


async def test_each_persona_has_a_share_of_the_examples(running: SandboxCity, city: City) -> None:
    calling()
    personas = [TaxpayerId(persona.id) for persona in city.personas.values()]
    async with Reading(running) as office:
        obligations = await office.obligations(personas)
        liabilities = await office.liabilities(personas)
        payments = await office.payments(personas)
        compliance = await office.compliance(personas)
    assert [obligations[each][0].period for each in personas] == ["18A2", "18AE"] * 3 + ["18A2"]
    assert {len(liabilities[each]) for each in personas} == {len(payments[each]) for each in personas} == {1}
    assert Counter(each.state for each in compliance.values()) == {
        ComplianceState.ISSUED: 4,
        ComplianceState.NOT_ISSUED: 3,
    }


def test_every_record_of_the_raw_examples_is_mapped(published: list[Example]) -> None:
    obligations: list[Obligation] = []
    for body in bodies(published, "obligations"):
        obligations += to_obligations(decode(body, wire.Obligations).obligations)
    assert Counter(each.state for each in obligations) == {ObligationState.OPEN: 2, ObligationState.FULFILLED: 2}
    assert {each.received_on for each in obligations} == {None, date(2017, 5, 6), date(2017, 3, 6)}
    (liabilities,) = bodies(published, "liabilities")
    assert len(to_liabilities(decode(liabilities, wire.Liabilities).liabilities, "GBP", Liability.personal)) == 1
    (payments,) = bodies(published, "payments")
    assert len(to_payments(decode(payments, wire.Payments).payments, "GBP", Payment.personal)) == 1


def test_every_published_failure_has_its_error(published: list[Example]) -> None:
    calling()
    found = Counter(
        type(failure(Reply(status=int(each.status), headers={}, body=json.dumps(each.value).encode())))
        for each in published
        if each.status[0] == "4"
    )
    assert found == {Rejected: 32, Unauthorised: 8, NotFound: 5, NotOffered: 1}


async def test_the_server_words_its_failures_as_published(running: SandboxCity, published: list[Example]) -> None:
    wanted = {
        (each.resource, int(each.status), each.value["code"], each.value["message"])
        for each in published
        if each.resource in SERVED and each.status != "200"
    }
    assert len(wanted) == 22
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        good = await authorised(client)
        provoked = set()
        for resource in SERVED:
            for vrn, query, scenario in _provocations():
                reply = await client.get(
                    f"/organisations/vat/{vrn}/{resource}?{query}",
                    headers=good | ({"Gov-Test-Scenario": scenario} if scenario else {}),
                )
                said = await reply.json()
                provoked.add((resource, reply.status, said.get("code"), said.get("message")))
    assert wanted <= provoked


def _provocations() -> Iterator[tuple[str, str, str | None]]:
    yield "1", "status=O", None
    yield EXAMPLE_VRN, "from=x&to=2018-01-01", None
    yield EXAMPLE_VRN, "from=2018-01-01&to=x", None
    yield EXAMPLE_VRN, "from=2018-01-01&to=2019-12-31", None
    yield EXAMPLE_VRN, "status=x", None
    yield "999999999", "from=2018-01-01&to=2018-01-02", None
    yield EXAMPLE_VRN, "", "INSOLVENT_TRADER"
    yield EXAMPLE_VRN, "", "CLIENT_OR_AGENT_NOT_AUTHORISED"


@pytest.mark.parametrize(
    ("kind", "issued"),
    [
        ("fiscal", {"200": True, "404": False, "attestation_delivree": True, "entite_hors_perimetre": False}),
        ("social", {"attestation_delivree": True, "attestation_non_delivree": False, "entite_hors_perimetre": False}),
    ],
)
async def test_every_attestation_is_read_through_the_adapter(
    running: SandboxCity, mocks: dict[tuple[str, str], Any], kind: str, issued: dict[str, bool]
) -> None:
    calling()
    numbers = {name: TaxpayerId(mocks[kind, name]["params"]["siren"]) for name in issued}
    async with Reading(running, certificate=kind) as office:
        found = await office.compliance(list(numbers.values()))
    assert {name: found[number].state is ComplianceState.ISSUED for name, number in numbers.items()} == issued


def test_the_raw_attestations_fit_as_they_are(mocks: dict[tuple[str, str], Any]) -> None:
    body = mocks["fiscal", "200"]["payload"].encode()
    fiscal = from_fiscal(decode(body, Document[FiscalAttestation]).data, AT, ComplianceCertificate.personal)
    assert (fiscal.issued_on, fiscal.period_ends_on) == (date(2023, 4, 11), date(2023, 3, 31))
    assert fiscal.document_expires_at == AT + timedelta(seconds=1234567)
    body = mocks["social", "attestation_delivree"]["payload"].encode()
    social = from_social(decode(body, Document[SocialAttestation]).data, AT, ComplianceCertificate.personal)
    assert (social.issued_on, social.document_expires_at) == (date(2023, 1, 31), AT + timedelta(days=1))
    body = mocks["social", "attestation_non_delivree"]["payload"].encode()
    assert from_social(decode(body, Document[SocialAttestation]).data, AT, ComplianceCertificate.personal) == NOT_ISSUED
