"""A known code wins over the status, all problems come at once, and nothing of the body gets out."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from adapters.contract.ports.appointments import AppointmentOrder, HoldSlot, SlotQuery
from adapters.contract.transport import CallInfo, Reply, set_current_call
from adapters.products.zms.faults import KINDS, fault_of, inner_fault
from adapters.products.zms.problems import MENDABLE

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def call() -> None:
    speak("en")


def speak(locale: str) -> None:
    set_current_call(CallInfo(id=str(uuid.uuid4()), operation="test", subject=None, locale=locale, at=AT))


def reply(status: int, *codes: object, **headers: str) -> Reply:
    errors = [{"errorCode": code, "errorMessage": "Private 王小明", "statusCode": status} for code in codes]
    return Reply(status=status, headers=headers, body=json.dumps({"errors": errors}).encode())


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "appointmentNotAvailable", Rejected),
        (404, "appointmentNotFound", NotFound),
        (400, "preconfirmationExpired", Rejected),
        (406, "tooManyAppointmentsWithSameMail", Rejected),
        (406, "authKeyMismatch", NotFound),
        (401, "authKeyMismatch", Unauthorised),
        (400, "rateLimitExceeded", QuotaExceeded),
        (200, "serviceUnavailable", Maintenance),
        (404, "mailNotFound", BadReply),
        (400, "captchaExpired", Unauthorised),
        (403, "IP_BLACKLISTED", Unauthorised),
        (520, "unknownError", Unavailable),
        (404, "somethingNew", NotFound),
        (418, "somethingNew", BadReply),
        (200, "somethingNew", BadReply),
    ],
)
def test_code_wins_over_status(status: int, code: str, kind: type[AdapterError]) -> None:
    error = fault_of(reply(status, code))
    assert type(error) is kind
    assert error.wire_code == code


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, Unavailable), (504, TimedOut), (429, QuotaExceeded), (401, Unauthorised), (404, BadReply), (302, BadReply)],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"errors":[]}', b'{"errors":{}}', b"[]", b'{"message":"no"}'])
def test_without_codes_only_a_plain_status_speaks(status: int, kind: type[AdapterError], body: bytes) -> None:
    assert type(fault_of(Reply(status=status, headers={}, body=body))) is kind


def test_an_error_without_a_code_leaves_it_to_the_status() -> None:
    """The running code has such errors: an unknown provider's source comes with a message only."""
    body = b'{"errors":[{"message":"Unknown provider source for ID 7"}]}'
    error = fault_of(Reply(status=503, headers={}, body=body))
    assert (type(error), error.wire_code) == (Unavailable, None)


def test_all_problems_come_at_once_in_the_callers_language() -> None:
    codes = ("invalidFamilyName", "invalidTelephone")
    english = fault_of(reply(400, *codes))
    speak("zh-CN")
    chinese = fault_of(reply(400, *codes))
    assert isinstance(english, Rejected)
    assert isinstance(chinese, Rejected)
    assert [each.path for each in english.problems] == [("name",), ("phone",)]
    assert [each.message for each in english.problems] != [each.message for each in chinese.problems]
    assert chinese.problems[0].message == "请填写姓名。"


def test_what_cannot_be_mended_goes_before_what_can() -> None:
    assert isinstance(fault_of(reply(503, "invalidEmail", "internalError")), Unavailable)


def test_maintenance_says_until_when() -> None:
    error = fault_of(reply(503, "serviceUnavailable", **{"retry-after": "600"}))
    assert isinstance(error, Maintenance)
    assert error.until == AT + timedelta(seconds=600)
    assert fault_of(reply(503, "serviceUnavailable")).until is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", ["BO\\Zms\\王", "x" * 65, "a b", ""])
def test_a_code_that_is_no_name_stays_outside(code: str) -> None:
    assert fault_of(reply(500, code)).wire_code is None


def test_nothing_of_the_body_is_told() -> None:
    for code in [*KINDS, *MENDABLE, "somethingNew"]:
        error: Any = fault_of(reply(400, code))
        told = str(error) + "".join(each.message for each in getattr(error, "problems", ()))
        assert "王" not in told
        assert "Private" not in told


def test_no_code_is_in_both_tables() -> None:
    assert not KINDS.keys() & MENDABLE.keys()


def test_problems_name_fields_of_the_orders() -> None:
    fields = {field for kind in (HoldSlot, AppointmentOrder, SlotQuery) for field in kind.__struct_fields__}
    assert {each.field for each in MENDABLE.values()} <= fields
    for each in MENDABLE.values():
        assert each.en.isascii()
        assert not each.zh.isascii()


def test_a_body_without_errors_tells_none() -> None:
    assert inner_fault(Reply(status=200, headers={}, body=b"[]")) is None
