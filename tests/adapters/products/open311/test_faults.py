"""What a failed reply stands for, whatever its body is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract.errors import (
    BadReply,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import CallInfo, Reply, set_current_call
from adapters.products.open311 import Format
from adapters.products.open311.codec import read
from adapters.products.open311.faults import error_of, inner_error

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def call() -> None:
    set_current_call(CallInfo(id="1", operation="complaints.file", subject=None, locale="en", at=NOW))


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body)


XML = b"<errors><error><code>403</code><description>No key</description></error></errors>"
JSON = b'[{"code": 403, "description": "No key"}]'


@pytest.mark.parametrize(("written", "body"), [(Format.XML, XML), (Format.JSON, JSON)])
def test_the_code_is_the_servers(written, body):
    error = error_of(reply(403, body), written)
    assert (type(error), error.wire_code) == (Unauthorised, "403")
    assert "No key" not in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[[[", b"\xff", b"{}", b"7", b"null", b'[{"code": null}]', XML])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Unauthorised), (404, NotFound), (429, QuotaExceeded), (500, Unavailable), (302, BadReply)],
)
def test_a_body_that_is_not_the_protocols_leaves_the_status(status, kind, body):
    error = error_of(reply(status, body), Format.JSON)
    assert (type(error), error.wire_code) == (kind, None)


def test_each_entry_is_a_problem():
    body = b'[{"code": "description.missing", "description": "Say what"}, {"code": "location.missing"}]'
    error = error_of(reply(400, body), Format.JSON)
    assert isinstance(error, Rejected)
    assert [(each.code, each.message) for each in error.problems] == [
        ("description.missing", "Say what"),
        ("location.missing", ""),
    ]


def test_maintenance_lasts_until_retry_after():
    body = b'[{"code": "maintenance", "description": "Closed"}]'
    error = error_of(reply(503, body, retry_after="90"), Format.JSON)
    assert isinstance(error, Maintenance)
    assert (error.until, error.retry_after) == (NOW + timedelta(seconds=90), 90)
    endless = error_of(reply(503, body), Format.JSON)
    assert isinstance(endless, Maintenance)
    assert endless.until is None


def test_another_503_is_an_outage():
    assert type(error_of(reply(503, JSON), Format.JSON)) is Unavailable


def test_a_code_that_could_hold_anything_is_not_passed_on():
    body = '[{"code": "王建国 139 0000 0022", "description": ""}]'.encode()
    assert error_of(reply(500, body), Format.JSON).wire_code == "unreadable"


@pytest.mark.parametrize(
    ("code", "kind"), [("500", Unavailable), ("404", NotFound), ("register.down", Unavailable), ("200", Unavailable)]
)
@pytest.mark.parametrize("wrap", ["[%s]", '{"errors": [%s]}'])
def test_an_error_inside_a_success_is_an_error(code, kind, wrap):
    body = (wrap % f'{{"code": "{code}", "description": "x"}}').encode()
    error = inner_error(read(body, Format.JSON, "services"), reply(200))
    assert type(error) is kind


@pytest.mark.parametrize("data", [[], [{"service_code": "1"}], {"service_code": "1"}, None, "code", [["code"]]])
def test_an_answer_is_no_error(data):
    assert inner_error(data, reply(200)) is None
