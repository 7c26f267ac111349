"""A building block's failures: stable codes, one problem per field, never its body."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from adapters.contract.errors import Maintenance, Problem, Rejected, Unauthorised, Unavailable
from adapters.contract.transport import CallInfo, Reply, set_current_call
from adapters.products.govstack.failures import failure, stable

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def reply(status: int, body: object, **headers: str) -> Reply:
    set_current_call(CallInfo(id="x", operation="x", subject=None, locale="en", at=NOW))
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=names, body=msgspec.json.encode(body))


def test_fields_become_problems_in_the_callers_language() -> None:
    errors = [
        {"field": "formData.a.b", "code": "too-long", "message": "Too long", "localizedMessage": "过长"},
        {"field": "applicationName", "code": "REQUIRED", "message": "Missing"},
    ]
    error = failure(reply(400, {"code": "FORM", "message": "secret", "errors": errors}))
    assert isinstance(error, Rejected)
    assert error.problems == (
        Problem("TOO_LONG", "过长", ("formData", "a.b")),
        Problem("REQUIRED", "Missing", ("applicationName",)),
    )
    assert "secret" not in str(error)


def test_maintenance_says_until_when() -> None:
    error = failure(reply(503, {"code": "MAINTENANCE", "message": "Closed"}, retry_after="60"))
    assert isinstance(error, Maintenance)
    assert error.until == NOW + timedelta(minutes=1)


def test_maintenance_without_an_end_has_none() -> None:
    error = failure(reply(503, {"code": "MAINTENANCE", "message": "Closed"}))
    assert isinstance(error, Maintenance)
    assert (error.until, error.retry_after) == (None, None)


@pytest.mark.parametrize("body", [None, [], {}, {"code": 7, "message": "x"}, "text"])
def test_a_body_that_is_no_system_error_leaves_the_status_to_say_it(body: object) -> None:
    assert type(failure(reply(500, body))) is Unavailable
    assert type(failure(reply(401, body))) is Unauthorised


@pytest.mark.parametrize(
    ("code", "written"), [("Form.invalid", "FORM_INVALID"), ("表单", "UNSPECIFIED"), ("a" * 99, "A" * 60)]
)
def test_codes_are_upper_snake_case_and_short(code: str, written: str) -> None:
    assert stable(code) == written
