"""The bureau's server and its adapter, over a real socket between real processes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from opentelemetry.trace import NoOpTracer

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    Unauthorised,
    Unavailable,
)
from adapters.contract.manifest import read_manifest
from adapters.contract.ports.tax import ComplianceState, Liability, ObligationState, StartPayment
from adapters.contract.records import Money, TaxpayerId
from adapters.contract.transport import CallInfo, set_current_call
from adapters.departments.taxation.adapter import TaxOffice, connect
from adapters.runtime.http import Endpoint, HttpTransport
from sandbox.city import ZONE, build_city
from sandbox.departments.taxation.oauth import CLIENT_ID, CLIENT_SECRET
from sandbox.departments.taxation.server import ACCEPT
from sandbox.launch import SandboxCity
from tests.asking import ReadAtOnce
from tests.conformance.cases import DEPARTMENTS

NAME = "taxation"
CITY = build_city()
TODAY = datetime.now(ZONE).date()
PERSONAS = {name: TaxpayerId(persona.id) for name, persona in CITY.personas.items()}
ENTREPRENEUR, RESIDENT, BUSY = PERSONAS["entrepreneur"], PERSONAS["resident"], PERSONAS["busy"]
COMPANY = TaxpayerId("700000011")
STRANGER = TaxpayerId("999999999")


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxCity]:
    with SandboxCity(departments=[NAME]) as city:
        yield city


@pytest.fixture
async def server(running: SandboxCity) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.addresses[NAME], response_class=ReadAtOnce) as client:
        await client.post("/_sandbox/reset")
        yield client


@pytest.fixture
async def transport(running: SandboxCity, server: aiohttp.ClientSession) -> AsyncIterator[HttpTransport]:
    async with HttpTransport(Endpoint(NAME, running.addresses[NAME]), NoOpTracer()) as transport:
        calling()
        yield transport


@pytest.fixture
def bureau(transport: HttpTransport) -> TaxOffice:
    return office(transport)


def office(transport: HttpTransport, **changes: str) -> TaxOffice:
    port = connect(transport, options(**changes))["tax"]
    assert isinstance(port, TaxOffice)
    return port


def options(**changes: str) -> dict[str, str]:
    manifest = read_manifest(DEPARTMENTS / NAME / "manifest.yaml")
    defaults = {name: option.default or "" for name, option in manifest.options.items()}
    return defaults | {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | changes


def calling(subject: str | None = ENTREPRENEUR, locale: str = "en", at: datetime | None = None) -> None:
    set_current_call(
        CallInfo(id=str(uuid4()), operation="tax", subject=subject, locale=locale, at=at or datetime.now(UTC))
    )


async def calls(server: aiohttp.ClientSession) -> Any:
    return await (await server.get("/_sandbox/calls")).json()


async def authorised(server: aiohttp.ClientSession) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    token = (await (await server.post("/oauth/token", data=form)).json())["access_token"]
    return {"Authorization": f"Bearer {token}", "Accept": ACCEPT}


def order(taxpayer: TaxpayerId = RESIDENT, **changes: Any) -> StartPayment:
    return StartPayment(**{"taxpayer": taxpayer, "amount": Decimal("1.50"), "currency": "CNY", **changes})


def owed_in(liabilities: Iterable[Liability]) -> Decimal:
    return sum((each.outstanding.amount for each in liabilities if each.outstanding), Decimal(0))


async def test_each_persona_has_entries_in_every_list_and_the_busy_person_fifty(bureau: TaxOffice) -> None:
    everybody = list(PERSONAS.values())
    lists: list[Any] = [
        await bureau.obligations(everybody),
        await bureau.liabilities(everybody),
        await bureau.payments(everybody),
    ]
    for found in lists:
        counts = {name: len(found[taxpayer]) for name, taxpayer in PERSONAS.items()}
        assert counts.pop("busy") == 50
        assert all(1 <= count <= 4 for count in counts.values()), counts


async def test_lists_come_in_the_ports_order_with_what_the_port_promises(bureau: TaxOffice) -> None:
    obligations = (await bureau.obligations([BUSY]))[BUSY]
    liabilities = (await bureau.liabilities([BUSY]))[BUSY]
    payments = (await bureau.payments([BUSY]))[BUSY]
    assert [each.due_on for each in obligations] == sorted(each.due_on for each in obligations)
    assert {each.state for each in obligations} == {ObligationState.OPEN}
    assert len({each.period for each in obligations}) == 50
    due = [each.due_on for each in liabilities if each.due_on]
    assert len(due) == 50 and due == sorted(due)
    received = [each.received_on for each in payments if each.received_on]
    assert len(received) == 50 and received == sorted(received, reverse=True)
    assert min(received) > TODAY - timedelta(days=366)
    assert all(
        each.outstanding and each.original and 0 < each.outstanding.amount <= each.original.amount
        for each in liabilities
    )


async def test_companies_are_taxpayers_and_strangers_are_absent(bureau: TaxOffice) -> None:
    assert set(await bureau.obligations([COMPANY, STRANGER])) == {COMPANY}
    assert set(await bureau.liabilities([COMPANY, STRANGER])) == {COMPANY}
    assert set(await bureau.payments([COMPANY, STRANGER])) == {COMPANY}


async def test_the_kinds_of_liabilities_come_in_both_languages(bureau: TaxOffice) -> None:
    calling(locale="zh-CN")
    chinese = (await bureau.liabilities([BUSY]))[BUSY]
    calling(locale="en")
    english = (await bureau.liabilities([BUSY]))[BUSY]
    assert {each.kind for each in chinese} == {"增值税", "个人所得税", "城市维护建设税", "房产税", "印花税"}
    assert len({each.kind for each in english}) == 5
    assert all(each.kind.isascii() and len(each.kind) <= 30 for each in english)


async def test_who_is_in_order_has_a_certificate_and_who_is_late_has_none(bureau: TaxOffice) -> None:
    found = await bureau.compliance([*PERSONAS.values(), STRANGER])
    issued = {name for name, taxpayer in PERSONAS.items() if found[taxpayer].state is ComplianceState.ISSUED}
    assert issued == {"entrepreneur", "parent", "officer", "operator"}
    certificate = found[ENTREPRENEUR]
    assert certificate.issued_on == TODAY
    assert certificate.period_ends_on == TODAY.replace(day=1) - timedelta(days=1)
    assert certificate.document_expires_at
    assert timedelta(hours=23) < certificate.document_expires_at - datetime.now(UTC) <= timedelta(days=1)
    assert found[STRANGER].state is ComplianceState.NOT_ISSUED


async def test_a_certificate_of_contributions_is_another_document(transport: HttpTransport) -> None:
    found = await office(transport, certificate="social").compliance([ENTREPRENEUR, RESIDENT, STRANGER])
    assert [each.state for each in found.values()] == [
        ComplianceState.ISSUED,
        ComplianceState.NOT_ISSUED,
        ComplianceState.NOT_ISSUED,
    ]
    assert "social" in str(found[ENTREPRENEUR].document_url)


async def test_one_call_per_taxpayer_and_one_token_for_all(bureau: TaxOffice, server: aiohttp.ClientSession) -> None:
    await asyncio.gather(
        bureau.obligations([RESIDENT, BUSY]),
        bureau.liabilities([RESIDENT]),
        bureau.payments([RESIDENT]),
        bureau.compliance([RESIDENT]),
    )
    assert await calls(server) == {
        "total": 5,
        "operations": {"tax.obligations": 2, "tax.liabilities": 1, "tax.payments": 1, "tax.compliance": 1},
        "tokens": 1,
    }


async def test_a_token_that_the_server_forgot_is_renewed_once_for_concurrent_calls(
    bureau: TaxOffice, server: aiohttp.ClientSession
) -> None:
    await bureau.obligations([RESIDENT])
    await server.post("/_sandbox/reset")
    found = await bureau.payments([RESIDENT, BUSY, COMPANY])
    assert len(found) == 3
    assert (await calls(server))["tokens"] == 1


async def test_wrong_credentials_are_the_operators_matter(transport: HttpTransport) -> None:
    for changes in ({"client_secret": "wrong"}, {"client_id": "somebody"}):
        with pytest.raises(Unauthorised) as caught:
            await office(transport, **changes).obligations([RESIDENT])
        assert caught.value.wire_code == "invalid_client"
        assert "wrong" not in repr(caught.value)


async def test_a_payment_waits_then_is_received_and_mends_what_was_owed(
    bureau: TaxOffice, server: aiohttp.ClientSession
) -> None:
    owed = owed_in((await bureau.liabilities([RESIDENT]))[RESIDENT])
    payment = await bureau.start_payment(order(amount=owed))
    assert payment.amount == Money(amount=owed, currency="CNY")
    assert timedelta(minutes=28) < payment.expires_at - datetime.now(UTC) <= timedelta(minutes=30)
    under_way = (await bureau.payments([RESIDENT]))[RESIDENT][0]
    assert (under_way.id, under_way.received_on, under_way.amount) == (payment.id, None, payment.amount)
    assert (await server.get(payment.pay_url)).status == 200
    assert (await server.post(payment.pay_url)).status == 200
    assert (await server.post(payment.pay_url)).status == 404
    received = (await bureau.payments([RESIDENT]))[RESIDENT][0]
    assert (received.id, received.received_on) == (payment.id, TODAY)
    assert owed > 0
    assert owed_in((await bureau.liabilities([RESIDENT]))[RESIDENT]) == 0


async def test_a_repeated_reference_answers_the_first_payment_and_none_begins_a_second(bureau: TaxOffice) -> None:
    first, again = [await bureau.start_payment(order(reference="编号 7")) for _ in range(2)]
    assert first == again
    others = [await bureau.start_payment(order()) for _ in range(2)]
    assert len({first.id, *(each.id for each in others)}) == 3
    listed = Counter(each.received_on for each in (await bureau.payments([RESIDENT]))[RESIDENT])
    assert listed[None] == 3


async def test_a_reference_that_was_paid_already_answers_the_first_payment(
    bureau: TaxOffice, server: aiohttp.ClientSession
) -> None:
    first = await bureau.start_payment(order(reference="r"))
    owed = owed_in((await bureau.liabilities([RESIDENT]))[RESIDENT])
    await server.post(first.pay_url)
    assert await bureau.start_payment(order(reference="r")) == first
    assert owed_in((await bureau.liabilities([RESIDENT]))[RESIDENT]) == owed - first.amount.amount


async def test_a_reference_used_for_another_amount_is_a_duplicate(bureau: TaxOffice) -> None:
    await bureau.start_payment(order(reference="r"))
    with pytest.raises(Rejected) as caught:
        await bureau.start_payment(order(reference="r", amount=Decimal(2)))
    assert [(each.code, each.path) for each in caught.value.problems] == [("DUPLICATE_SUBMISSION", ("reference",))]


async def test_more_than_is_owed_cannot_be_paid_and_payments_under_way_count(bureau: TaxOffice) -> None:
    owed = owed_in((await bureau.liabilities([RESIDENT]))[RESIDENT])
    await bureau.start_payment(order(amount=owed - 1))
    calling(locale="zh-CN")
    with pytest.raises(Rejected) as caught:
        await bureau.start_payment(order(amount=Decimal("1.01")))
    problem = caught.value.problems[0]
    assert (problem.code, problem.message, problem.path) == ("AMOUNT_TOO_HIGH", "金额超过欠税总额", ("amount",))
    await bureau.start_payment(order(amount=Decimal(1)))


async def test_everything_wrong_with_an_order_comes_at_once(bureau: TaxOffice) -> None:
    with pytest.raises(Rejected) as caught:
        await bureau.start_payment(order(amount=Decimal("0.001"), currency="GBP", reference="x" * 65))
    assert {each.path: each.code for each in caught.value.problems} == {
        ("amount",): "INVALID_MONETARY_AMOUNT",
        ("currency",): "INVALID_CURRENCY",
        ("reference",): "INVALID_REFERENCE",
    }


async def test_nobody_pays_for_a_stranger(bureau: TaxOffice) -> None:
    with pytest.raises(NotFound):
        await bureau.start_payment(order(STRANGER))


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ({"kind": "error"}, Unavailable),
        ({"kind": "inner_fault"}, Unavailable),
        ({"kind": "maintenance", "seconds": 90}, Maintenance),
        ({"kind": "quota", "calls": 0}, QuotaExceeded),
        ({"kind": "junk"}, BadReply),
        ({"kind": "lost_answer"}, Interrupted),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("operation", ["token", "tax.obligations", "tax.compliance", "tax.start_payment"])
async def test_misbehaviour_becomes_the_right_error(
    bureau: TaxOffice,
    server: aiohttp.ClientSession,
    operation: str,
    scenario: dict[str, object],
    error: type[AdapterError],
) -> None:
    asked: Any = {
        "tax.compliance": lambda: bureau.compliance([RESIDENT]),
        "tax.start_payment": lambda: bureau.start_payment(order()),
    }.get(operation, lambda: bureau.obligations([RESIDENT]))
    await server.put("/_sandbox/scenario", json={**scenario, "operation": operation})
    with pytest.raises(error) as caught:
        await asked()
    assert type(caught.value) is error
    if isinstance(caught.value, Maintenance):
        assert caught.value.until is not None
        assert 80 < (caught.value.until - datetime.now(UTC)).total_seconds() < 100
    await server.delete("/_sandbox/scenario")
    await asked()


async def test_a_lost_answer_leaves_a_payment_that_the_same_reference_finds(
    bureau: TaxOffice, server: aiohttp.ClientSession
) -> None:
    await server.put("/_sandbox/scenario", json={"kind": "lost_answer", "operation": "tax.start_payment", "times": 1})
    with pytest.raises(Interrupted):
        await bureau.start_payment(order(reference="r"))
    found = await bureau.start_payment(order(reference="r"))
    under_way = [each.id for each in (await bureau.payments([RESIDENT]))[RESIDENT] if each.received_on is None]
    assert under_way == [found.id]


async def test_the_register_logs_who_asked(bureau: TaxOffice, server: aiohttp.ClientSession) -> None:
    await bureau.obligations([BUSY])
    await bureau.compliance([BUSY])
    found = await (await server.get(f"/_sandbox/usage?subject={BUSY}")).json()
    assert [(use["action"], use["receiverCode"]) for use in found["usages"]] == [
        ("tax.obligations", CLIENT_ID),
        ("tax.compliance", CLIENT_ID),
    ]


async def test_our_id_comes_back_and_the_person_is_nowhere_in_the_headers(
    bureau: TaxOffice, server: aiohttp.ClientSession
) -> None:
    await bureau.obligations([RESIDENT])
    found = await (await server.get("/_sandbox/calls?detail=1")).json()
    assert len({call["headers"]["correlationid"] for call in found["calls"]}) == 1
    reply = await server.get(
        f"/organisations/vat/{RESIDENT}/obligations?status=O",
        headers=await authorised(server) | {"CorrelationId": "c75f40a6-a3df-4429-a697-471eeec46435"},
    )
    assert reply.headers["X-CorrelationId"] == "c75f40a6-a3df-4429-a697-471eeec46435"


@pytest.mark.parametrize(
    ("scenario", "periods"),
    [
        ("QUARTERLY_NONE_MET", ["18A1"]),
        ("QUARTERLY_THREE_MET", ["18A4"]),
        ("QUARTERLY_FOUR_MET", []),
        ("MONTHLY_ONE_MET", ["18AE"]),
        ("MONTHLY_OBS_03_OPEN", ["18AF"]),
        ("MONTHLY_OBS_12_FULFILLED", []),
        ("QUARTERLY_OBS_02_OPEN", ["18A2"]),
        ("MULTIPLE_OPEN_QUARTERLY", ["18A2", "18A3"]),
        ("OBS_SPANS_MULTIPLE_YEARS", ["18A4"]),
    ],
)
async def test_the_platforms_test_scenarios_of_obligations(
    transport: HttpTransport, scenario: str, periods: list[str]
) -> None:
    found = await office(transport, test_scenario=scenario).obligations([RESIDENT])
    assert [each.period for each in found[RESIDENT]] == periods


async def test_the_platforms_test_scenarios_of_money(transport: HttpTransport) -> None:
    calling(at=datetime(2018, 12, 21, tzinfo=UTC))
    debts = await office(transport, test_scenario="MULTIPLE_LIABILITIES_2018_19").liabilities([RESIDENT])
    assert [each.ends_on for each in debts[RESIDENT]] == [date(2018, 4, 30), date(2018, 6, 30)]
    receipts = await office(transport, test_scenario="SINGLE_PAYMENT_2018_19").payments([RESIDENT])
    assert [each.received_on for each in receipts[RESIDENT]] == [date(2018, 2, 1)]


@pytest.mark.parametrize(
    ("scenario", "error", "codes"),
    [
        ("INSOLVENT_TRADER", Rejected, ["RULE_INSOLVENT_TRADER"]),
        ("TAX_PERIOD_NOT_ENDED", Rejected, ["TAX_PERIOD_NOT_ENDED"]),
        ("INVALID_VRN", Rejected, ["VRN_INVALID"]),
        ("INVALID_PAYLOAD", Rejected, ["INVALID_REQUEST"]),
        ("DUPLICATE_SUBMISSION", Rejected, ["DUPLICATE_SUBMISSION"]),
        ("CLIENT_OR_AGENT_NOT_AUTHORISED", Unauthorised, []),
        ("NOT_FOUND", NotFound, []),
    ],
)
async def test_the_platforms_test_scenarios_of_refusals(
    transport: HttpTransport, scenario: str, error: type[AdapterError], codes: list[str]
) -> None:
    with pytest.raises(error) as caught:
        await office(transport, test_scenario=scenario).start_payment(order())
    assert [each.code for each in getattr(caught.value, "problems", ())] == codes


@pytest.mark.parametrize(
    ("path", "status", "codes"),
    [
        ("12345678/obligations?status=O", 400, ["VRN_INVALID"]),
        (f"{RESIDENT}/obligations", 400, ["INVALID_DATE_FROM", "INVALID_DATE_TO"]),
        (f"{RESIDENT}/obligations?status=X", 400, ["INVALID_STATUS"]),
        (f"{RESIDENT}/obligations?from=2024-01-01&to=2025-01-02", 400, ["INVALID_DATE_RANGE"]),
        (f"{RESIDENT}/obligations?from=2024-01-01&to=2025-01-01", 200, []),
        (f"{RESIDENT}/liabilities?from=2024-01-01&to=2025-01-01", 400, ["DATE_RANGE_INVALID"]),
        (f"{RESIDENT}/liabilities?from=2024-01-02&to=2025-01-01", 200, []),
        (f"{RESIDENT}/payments?from=2025-01-02&to=2025-01-01", 400, ["DATE_RANGE_INVALID"]),
        (f"{RESIDENT}/payments?from=2016-04-05&to=2016-05-01", 400, ["DATE_FROM_INVALID"]),
        (f"{RESIDENT}/payments?from=2025-1-01&to=2025-02-30", 400, ["DATE_FROM_INVALID", "DATE_TO_INVALID"]),
        (f"{RESIDENT}/payments?from={TODAY}&to={TODAY + timedelta(days=2)}", 400, ["DATE_TO_INVALID"]),
        (f"{STRANGER}/payments?from=2025-01-01&to=2025-01-02", 404, ["NOT_FOUND"]),
        (f"{RESIDENT}/penalties", 404, ["MATCHING_RESOURCE_NOT_FOUND"]),
    ],
)
async def test_the_server_checks_what_the_contract_checks(
    server: aiohttp.ClientSession, path: str, status: int, codes: list[str]
) -> None:
    reply = await server.get(f"/organisations/vat/{path}", headers=await authorised(server))
    said = await reply.json()
    assert reply.status == status
    assert [each["code"] for each in said.get("errors", [said] if codes else [])] == codes
    assert len(reply.headers["X-CorrelationId"]) == 36


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        "null",
        '{"amount": NaN, "currency": "CNY"}',
        '{"amount": 1.0e99999999999999999999, "currency": "CNY"}',
        '{"amount": 1e-400, "currency": "CNY"}',
        '{"amount": true, "currency": "CNY"}',
        '{"amount": "1", "currency": "CNY"}',
        '{"amount": -1, "currency": "CNY"}',
        '{"amount": 1, "currency": ["CNY"]}',
        '{"amount": 1, "currency": "CNY", "reference": {}}',
        '{"amount": ' + "9" * 5000 + "}",
        "[" * 100_000,
        "\xff",
    ],
)
async def test_no_body_breaks_the_server(server: aiohttp.ClientSession, body: str) -> None:
    reply = await server.post(
        f"/organisations/vat/{RESIDENT}/payments", headers=await authorised(server), data=body.encode("latin-1")
    )
    assert reply.status == 400
    assert (await reply.json())["code"] == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": "é"}, 401, "invalid_client"),
        (
            {
                "grant_type": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "scope": "all",
            },
            400,
            "invalid_scope",
        ),
    ],
)
async def test_the_token_endpoint_refuses_in_its_own_words(
    server: aiohttp.ClientSession, form: dict[str, str], status: int, error: str
) -> None:
    reply = await server.post("/oauth/token", data=form)
    assert (reply.status, (await reply.json())["error"]) == (status, error)


async def test_no_operation_answers_without_a_token_or_a_version(server: aiohttp.ClientSession) -> None:
    good = await authorised(server)
    path = f"/organisations/vat/{RESIDENT}/obligations?status=O"
    for headers, status, code in (
        ({"Accept": ACCEPT}, 401, "MISSING_CREDENTIALS"),
        ({"Accept": ACCEPT, "Authorization": "Bearer x"}, 401, "INVALID_CREDENTIALS"),
        ({**good, "Accept": "application/vnd.hmrc.2.0+json"}, 406, "ACCEPT_HEADER_INVALID"),
    ):
        reply = await server.get(path, headers=headers)
        assert (reply.status, (await reply.json())["code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{RESIDENT}/attestation_fiscale?recipient=10000001700010&context=a", 422, "00202"),
        (f"{RESIDENT}/attestation_fiscale?recipient=1&context=a&object=b", 422, "00210"),
        ("1/attestation_fiscale?recipient=10000001700010&context=a&object=b", 422, "00301"),
        (f"{STRANGER}/attestation_fiscale?recipient=10000001700010&context=a&object=b", 404, "03003"),
    ],
)
async def test_an_attestation_is_refused_in_its_own_words(
    server: aiohttp.ClientSession, path: str, status: int, code: str
) -> None:
    reply = await server.get(f"/v4/dgfip/unites_legales/{path}", headers=await authorised(server))
    assert (reply.status, (await reply.json())["errors"][0]["code"]) == (status, code)
    reply = await server.get(f"/v4/dgfip/unites_legales/{path}")
    assert (reply.status, (await reply.json())["errors"][0]["code"]) == (401, "00101")
