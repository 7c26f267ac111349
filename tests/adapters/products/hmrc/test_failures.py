"""What the platform's codes and statuses mean."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    NotFound,
    NotOffered,
    Problem,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import CallInfo, Reply, set_current_call
from adapters.products.hmrc.failures import failure, inner_failure

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def reply(status: int, body: object, headers: dict[str, str] | None = None) -> Reply:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, headers=headers or {}, body=text)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "VRN_INVALID", Rejected),
        (400, "INVALID_DATE_RANGE", Rejected),
        (400, "PERIOD_KEY_INVALID", Rejected),
        (401, "INVALID_CREDENTIALS", Unauthorised),
        (403, "CLIENT_OR_AGENT_NOT_AUTHORISED", Unauthorised),
        (403, "RESOURCE_FORBIDDEN", Unauthorised),
        (403, "RULE_INSOLVENT_TRADER", Rejected),
        (403, "DUPLICATE_SUBMISSION", Rejected),
        (403, "TAX_PERIOD_NOT_ENDED", Rejected),
        (403, "NOT_FINALISED", Rejected),
        (404, "NOT_FOUND", NotFound),
        (404, "MATCHING_RESOURCE_NOT_FOUND", NotOffered),
        (404, "SOMETHING_ELSE", BadReply),
        (406, "ACCEPT_HEADER_INVALID", BadReply),
        (429, "MESSAGE_THROTTLED_OUT", QuotaExceeded),
        (500, "INTERNAL_SERVER_ERROR", Unavailable),
        (503, "SERVER_ERROR", Unavailable),
        (503, "SCHEDULED_MAINTENANCE", Maintenance),
        (504, "GATEWAY_TIMEOUT", TimedOut),
    ],
)
def test_each_code_has_its_error(status: int, code: str, error: type[AdapterError]) -> None:
    found = failure(reply(status, {"code": code, "message": "m"}))
    assert (type(found), found.wire_code) == (error, code)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff", b'"x"', b'{"code": 7}', b'{"code": "<script>"}', b"[" * 99999]
)
def test_a_body_in_other_words_leaves_it_to_the_status(body: bytes) -> None:
    assert [type(failure(reply(status, body))) for status in (400, 403, 404, 410, 500, 503)] == [
        Rejected,
        Unauthorised,
        BadReply,
        BadReply,
        Unavailable,
        Unavailable,
    ]


def test_several_faults_are_several_problems_with_their_paths() -> None:
    errors = [
        {"code": "A_1", "message": "one", "path": "/a~1b/0/c~0d"},
        {"code": "B_2", "message": "two"},
    ]
    found = failure(reply(400, {"code": "INVALID_REQUEST", "message": "m", "errors": errors}))
    assert isinstance(found, Rejected)
    assert found.problems == (Problem("A_1", "one", ("a/b", "0", "c~d")), Problem("B_2", "two"))
    assert "one" not in str(found)


def test_a_closure_says_until_when() -> None:
    set_current_call(CallInfo(id="c", operation="x", subject=None, locale="en", at=NOW))
    said = {"code": "SCHEDULED_MAINTENANCE", "message": "m"}
    found = failure(reply(503, said, {"retry-after": "90"}))
    assert isinstance(found, Maintenance)
    assert (found.retry_after, found.until) == (90, NOW + timedelta(seconds=90))
    open_end = failure(reply(503, said))
    assert isinstance(open_end, Maintenance)
    assert open_end.until is None


def test_only_a_code_of_the_platform_makes_a_success_a_failure() -> None:
    assert isinstance(inner_failure(reply(200, {"code": "SERVER_ERROR"})), Unavailable)
    assert inner_failure(reply(200, {"code": "WHATEVER"})) is None
    assert inner_failure(reply(200, {"obligations": []})) is None
