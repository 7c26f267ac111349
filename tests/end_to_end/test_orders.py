"""Each domain's mutation really changes its department, and the list shows it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.end_to_end.gateway import CONFIGURED, Client, under_both


def needs(department: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(department not in CONFIGURED, reason=f"{department} is not configured")


def a_free_slot(client: Client) -> dict[str, Any]:
    """What to hold: an office, a service that it offers, and a time."""
    services = client.data("services-and-offices")["services"]["nodes"]
    service = next(one for one in services if one["offices"])
    office, today = service["offices"][0]["id"], datetime.now(UTC).date()
    days = {"from": today.isoformat(), "to": (today + timedelta(days=21)).isoformat()}
    slots = client.data("free-slots", office=office, services=[service["id"]], **days)["freeSlots"]
    return {"officeId": office, "serviceIds": [service["id"]], "startsAt": slots[-1]["startsAt"]}


def held(client: Client, persona: str, slot: dict[str, Any], **more: Any) -> Any:
    order = {**slot, "name": "Test", "email": f"{persona}@example.org", **more}
    return client.data("book-an-appointment", persona, input=order)["holdAppointment"]


@under_both
@needs("service_centre")
def test_an_appointment_is_held_confirmed_listed_and_given_back(ordering: Client) -> None:
    before = ordering.data("appointments", "parent")["viewer"]["appointments"]["totalCount"]
    slot = a_free_slot(ordering)
    hold = held(ordering, "parent", slot)
    assert (hold["problems"], hold["appointment"]["state"]) == ([], "HELD")
    assert hold["appointment"]["startsAt"] == slot["startsAt"]
    one = {"appointmentId": hold["appointment"]["id"]}
    confirmed = ordering.data("confirm-an-appointment", "parent", input=one)["confirmAppointment"]
    assert (confirmed["problems"], confirmed["appointment"]["state"]) == ([], "CONFIRMED")
    listed = ordering.data("appointments", "parent")["viewer"]["appointments"]
    assert listed["totalCount"] == before + 1
    assert slot["startsAt"] in [node["startsAt"] for node in listed["nodes"]]
    document = """mutation ($input: AppointmentInput!) {
      cancelAppointment(input: $input) { appointment { state } problems { code } } }"""
    given_back = ordering.ask(document, "parent", input=one)["data"]["cancelAppointment"]
    assert given_back == {"appointment": {"state": "CANCELLED"}, "problems": []}


@under_both
@needs("service_centre")
def test_two_who_race_for_a_slot_get_one_hold_and_one_problem(ordering: Client) -> None:
    slot = a_free_slot(ordering)
    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(lambda persona: held(ordering, persona, slot), ("resident", "officer", "parent")))
    assert sorted(outcome["appointment"] is not None for outcome in outcomes) == [False, False, True]
    losers = [outcome for outcome in outcomes if outcome["appointment"] is None]
    assert [[problem["code"] for problem in loser["problems"]] for loser in losers] == [["SLOT_TAKEN"]] * 2


@under_both
@needs("service_centre")
def test_nobody_confirms_anothers_hold(ordering: Client) -> None:
    hold = held(ordering, "parent", a_free_slot(ordering))
    answer = ordering.example("confirm-an-appointment", "officer", input={"appointmentId": hold["appointment"]["id"]})
    assert answer["data"]["confirmAppointment"]["appointment"] is None
    assert answer["data"]["confirmAppointment"]["problems"]


CONFIRM = """mutation ($input: AppointmentInput!) { confirmAppointment(input: $input) {
  appointment { id state } problems { code } filing { reference status } } }"""
FILINGS = "{ viewer { filings { nodes { reference status operation } } } }"


def confirming_without_an_answer(client: Client, persona: str) -> dict[str, Any]:
    """A hold whose confirmation is carried out and not answered: the input that was sent."""
    hold = held(client, persona, a_free_slot(client))
    order = {"appointmentId": hold["appointment"]["id"], "idempotencyKey": "confirm-once"}
    client.sandbox.forget_calls()
    client.sandbox.misbehave("service_centre", kind="lost_answer", operation="confirm_appointment", times=1)
    answer = client.ask(CONFIRM, persona, input=order)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SVC_AMBIGUOUS"]
    return order


@needs("service_centre")
def test_the_centre_is_asked_whether_a_confirmation_was_carried_out(ordering: Client) -> None:
    order = confirming_without_an_answer(ordering, "resident")
    answer = ordering.ask(CONFIRM, "resident", input=order)
    assert "errors" not in answer, answer
    again = answer["data"]["confirmAppointment"]
    assert (again["appointment"], again["problems"]) == ({"id": order["appointmentId"], "state": "CONFIRMED"}, [])
    assert again["filing"]["status"] == "DELIVERED"
    assert ordering.sandbox.operations("service_centre")["confirm_appointment"] == 1, "it was not sent again"


@needs("service_centre")
def test_an_outcome_is_found_out_though_nobody_asks_again(ordering: Client) -> None:
    confirming_without_an_answer(ordering, "manager")
    until = time.monotonic() + 20
    while True:
        newest = ordering.ask(FILINGS, "manager")["data"]["viewer"]["filings"]["nodes"][0]
        if newest["status"] == "DELIVERED":
            break
        assert (newest["operation"], newest["status"]) == ("appointments.confirm", "PENDING")
        assert time.monotonic() < until
        time.sleep(0.2)
    assert ordering.sandbox.operations("service_centre")["confirm_appointment"] == 1


@under_both
@needs("service_centre")
def test_a_repeated_hold_with_the_same_key_is_the_first_one(ordering: Client) -> None:
    slot = a_free_slot(ordering)
    first, again = (held(ordering, "parent", slot, idempotencyKey="visit-1") for _ in range(2))
    assert first == again
    assert first["appointment"]["id"]
    other = held(ordering, "parent", {**slot, "startsAt": "2031-01-06T09:00:00+08:00"}, idempotencyKey="visit-1")
    assert [problem["code"] for problem in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]


@under_both
@needs("hotline")
def test_a_complaint_is_filed_once_and_listed(ordering: Client) -> None:
    category = ordering.ask("{ complaintCategories { code } }")["data"]["complaintCategories"][0]["code"]
    before = ordering.data("complaints", "resident")["viewer"]["complaints"]["totalCount"]
    order = {
        "categoryCode": category,
        "description": "The manhole cover in front of the school is missing.",
        "location": {"latitude": 30.4586, "longitude": 114.4142},
        "address": "关山大道1号",
        "idempotencyKey": "complaint-1",
    }
    first, again = (ordering.data("file-a-complaint", "resident", input=order)["fileComplaint"] for _ in range(2))
    assert first["problems"] == []
    assert first["complaint"]["id"] == again["complaint"]["id"]
    listed = ordering.data("complaints", "resident")["viewer"]["complaints"]
    assert listed["totalCount"] == before + 1
    assert listed["nodes"][0]["id"] == first["complaint"]["id"]


@under_both
@needs("market_regulation")
def test_a_registration_with_gaps_names_them_and_a_whole_one_is_opened(ordering: Client) -> None:
    lists = ordering.data("registrations", "entrepreneur")
    before, kind = lists["viewer"]["registrations"]["totalCount"], lists["registrationKinds"][0]
    order = {"kindId": kind["id"], "title": "Optics Valley Teahouse", "answers": [{"code": "nonsense", "value": "x"}]}
    refused = ordering.data("start-a-registration", "entrepreneur", input=order)["startRegistration"]
    assert refused["registration"] is None
    assert refused["problems"]
    whole = ordering.data("start-a-registration", "entrepreneur", input={**order, "answers": answers_for(refused)})
    assert whole["startRegistration"]["problems"] == []
    assert whole["startRegistration"]["registration"]["state"] == "PENDING"
    assert ordering.data("registrations", "entrepreneur")["viewer"]["registrations"]["totalCount"] == before + 1


FORM = {"name": "光谷茶馆有限公司", "address": "湖北省武汉市东湖新技术开发区关山大道1号", "capital": "100000"}


def answers_for(refused: Any) -> list[dict[str, str]]:
    """Answers to the fields that were named as missing."""
    missing = [problem["path"][-1] for problem in refused["problems"] if problem["code"] == "REQUIRED"]
    return [{"code": code, "value": FORM.get(code, "1")} for code in missing]


@under_both
@needs("taxation")
def test_a_payment_is_begun_and_listed(ordering: Client) -> None:
    before = len(ordering.data("tax-account", "officer")["viewer"]["taxAccount"]["payments"])
    order = {"amount": "12.50", "currency": "CNY"}
    started = ordering.data("pay-taxes", "officer", input=order)["startTaxPayment"]
    assert started["problems"] == []
    assert started["payment"]["amount"] == {"amount": "12.50", "currency": "CNY"}
    payments = ordering.data("tax-account", "officer")["viewer"]["taxAccount"]["payments"]
    assert len(payments) == before + 1


@under_both
@needs("public_security")
def test_an_extract_is_requested_and_listed(ordering: Client) -> None:
    order = {"kind": "HOUSEHOLD", "purpose": "School registration"}
    requested = ordering.data("request-an-extract", "parent", input=order)["requestExtract"]
    assert requested["problems"] == []
    extracts = ordering.data("family", "parent")["viewer"]["extracts"]["nodes"]
    assert requested["extract"]["id"] in [one["id"] for one in extracts]
